//! Raw snappy, as GitHub's storage keeps bundles, with a limit on what it unpacks to.
//!
//! Source: snappy `format_description.txt`.

use crate::net::limits;

/// No element of the format makes more than 64 bytes out of three.
const MOST_PER_BYTE: usize = 22;

/// Why it cannot be unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// It says that it would be more than [`limits::ATTESTATION_BYTES`].
    TooLarge,
    /// It is not snappy; in words.
    Corrupt(String),
}

/// Unpacks `packed`. Nothing is allocated that its length cannot pay for.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let corrupt = |e: snap::Error| Error::Corrupt(format!("not snappy: {e}"));
    let length = snap::raw::decompress_len(packed).map_err(corrupt)?;
    if length as u64 > limits::ATTESTATION_BYTES {
        return Err(Error::TooLarge);
    }
    if length > packed.len().saturating_mul(MOST_PER_BYTE) {
        return Err(Error::Corrupt("not snappy: it is too short for what it says".to_owned()));
    }
    snap::raw::Decoder::new().decompress_vec(packed).map_err(corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(bytes).unwrap()
    }

    #[test]
    fn what_is_unpacked_is_what_was_packed_or_an_error() {
        let zeros = vec![0; 1 << 20];
        assert!(packed(&zeros).len() > zeros.len() / MOST_PER_BYTE);
        for bytes in [b"{}".as_slice(), b"{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", &zeros] {
            assert_eq!(unpack(&packed(bytes)).as_deref(), Ok(bytes));
        }
        let whole = packed(b"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}");
        for cut in 1..whole.len() {
            assert!(matches!(unpack(&whole[..cut]), Err(Error::Corrupt(_))), "{cut}");
        }
        let mut long = whole;
        long.push(0);
        assert!(matches!(unpack(&long), Err(Error::Corrupt(_))));
        assert!(matches!(unpack(b""), Err(Error::Corrupt(_))));
    }

    #[test]
    fn a_length_that_lies_costs_nothing() {
        for (header, wanted) in [
            // 2^32 - 1, then 32 MiB and one, then 32 MiB.
            (&[0xff, 0xff, 0xff, 0xff, 0x0f][..], Error::TooLarge),
            (&[0x81, 0x80, 0x80, 0x10], Error::TooLarge),
            (
                &[0x80, 0x80, 0x80, 0x10],
                Error::Corrupt("not snappy: it is too short for what it says".into()),
            ),
        ] {
            assert_eq!(unpack(&[header, &[0, b'x']].concat()), Err(wanted));
        }
    }
}
