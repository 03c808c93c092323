//! RFC 3161 timestamps: a `TimeStampResp` around a CMS `SignedData`.

use sigscope::domain::Timestamp;

use super::{
    certificate::{name, serial},
    der::{algorithm, explicit, generalized_time, int, octets, oid, seq, set, tlv},
    key::Key,
    sha256,
};

const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// A token over `stamped`, signed by the authority whose certificate has these names.
pub(crate) fn token(
    stamped: &[u8],
    at: Timestamp,
    key: &Key,
    (issuer, subject): (&str, &str),
) -> Vec<u8> {
    let info = seq(&[
        int(&[1]),
        oid("1.3.6.1.4.1.57264.2"),
        seq(&[algorithm(SHA256), octets(&sha256(stamped))]),
        int(&[7]),
        generalized_time(at),
    ]);
    let attribute = |kind: &str, value: Vec<u8>| seq(&[oid(kind), set(&[value])]);
    let attributes = set(&[
        attribute("1.2.840.113549.1.9.3", oid(TST_INFO)),
        attribute("1.2.840.113549.1.9.4", octets(&sha256(&info))),
    ]);
    // RFC 5652 §5.4: signed as a SET OF, sent under [0] IMPLICIT.
    let sent = [&[0xA0], attributes.get(1..).unwrap()].concat();
    let signer = seq(&[
        int(&[1]),
        seq(&[name(issuer), serial(subject)]),
        algorithm(SHA256),
        sent,
        algorithm("1.2.840.10045.4.3.2"),
        octets(&key.sign(&attributes)),
    ]);
    let signed_data = seq(&[
        int(&[3]),
        set(&[algorithm(SHA256)]),
        seq(&[oid(TST_INFO), explicit(0, &octets(&info))]),
        set(&[signer]),
    ]);
    let content = seq(&[oid("1.2.840.113549.1.7.2"), explicit(0, &signed_data)]);
    seq(&[seq(&[tlv(0x02, &[0])]), content])
}
