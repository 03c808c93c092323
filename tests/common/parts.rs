//! A bundle taken apart, as older formats keep its parts, and a log on loopback that has its entry.
#![allow(dead_code, reason = "no test uses everything")]

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::server::{Reply, Request, Server};

/// Under which the log has it.
pub(crate) const ID: &str =
    "108e9186e8c5677a0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What was signed, taken apart.
pub(crate) struct Parts {
    pub(crate) signature: String,
    pub(crate) certificate: String,
    /// The entry as a log gives it.
    pub(crate) entry: Value,
    /// The entry as cosign's old bundle has it.
    pub(crate) old: Value,
}

/// The parts of a bundle with one Rekor v1 entry; without a certificate that part is empty.
pub(crate) fn parts(bundle: &Value) -> Parts {
    let material = &bundle["verificationMaterial"];
    let der = material["certificate"]["rawBytes"].as_str().unwrap_or_default();
    let lines: Vec<&str> =
        der.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let certificate =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"));
    let entry = &material["tlogEntries"][0];
    let hex = |value: &Value| hex::encode(STANDARD.decode(value.as_str().unwrap()).unwrap());
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let proof = &entry["inclusionProof"];
    let hashes: Vec<String> = proof["hashes"].as_array().unwrap().iter().map(hex).collect();
    let set = &entry["inclusionPromise"]["signedEntryTimestamp"];
    let logged = json!({
        "body": entry["canonicalizedBody"],
        "integratedTime": number(&entry["integratedTime"]),
        "logIndex": number(&entry["logIndex"]),
        "logID": hex(&entry["logId"]["keyId"]),
    });
    let mut whole = logged.clone();
    whole["verification"] = json!({
        "signedEntryTimestamp": set,
        "inclusionProof": {
            "checkpoint": proof["checkpoint"]["envelope"],
            "hashes": hashes,
            "logIndex": number(&proof["logIndex"]),
            "rootHash": hex(&proof["rootHash"]),
            "treeSize": number(&proof["treeSize"]),
        },
    });
    let signature = bundle["messageSignature"]["signature"].as_str();
    let signature = signature.or_else(|| bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str());
    Parts {
        signature: signature.unwrap().to_owned(),
        certificate,
        entry: json!({ ID: whole }),
        old: json!({ "SignedEntryTimestamp": set, "Payload": logged }),
    }
}

/// What a log does with a question.
#[derive(Clone)]
pub(crate) enum Does {
    /// It has exactly the proposed entry.
    Proposed(Value),
    /// It refuses proposals and has the entries under the digest.
    Indexed(Vec<Value>),
    /// It has nothing.
    Empty,
    /// Any other answer to everything.
    Says(Reply),
}

/// A log on loopback.
pub(crate) fn log(does: Does) -> Server {
    Server::start(move |request: &Request| {
        let question: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let json = |value: &Value| Reply::new(200, value.to_string());
        match (&does, request.path()) {
            (Does::Says(reply), _) => reply.clone(),
            (Does::Proposed(entry), "/api/v1/log/entries/retrieve") => {
                let body = entry[ID]["body"].as_str().unwrap();
                let body: Value = serde_json::from_slice(&STANDARD.decode(body).unwrap()).unwrap();
                // A log compares what is proposed with what it has.
                let same = question["entries"][0] == body;
                json(&if same { json!([entry]) } else { json!([]) })
            }
            (Does::Indexed(all), "/api/v1/index/retrieve") => {
                let hash = question["hash"].as_str().unwrap_or_default();
                assert!(hash.starts_with("sha256:"), "{question}");
                json(&Value::from(vec![ID; all.len()]))
            }
            (Does::Indexed(all), "/api/v1/log/entries/retrieve")
                if question.get("entryUUIDs").is_some() =>
            {
                json(&Value::from(all.clone()))
            }
            (Does::Indexed(_), _) => Reply::new(400, "{}"),
            (_, "/api/v1/index/retrieve" | "/api/v1/log/entries/retrieve") => json(&json!([])),
            _ => Reply::new(404, "{}"),
        }
    })
}
