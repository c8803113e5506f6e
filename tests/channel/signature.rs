//! Signatures, against vectors that were computed elsewhere.

use buttonhook::channel::signature::{META_HEADER, XOBITO_HEADER, verify_meta, verify_xobito};
use data_encoding::HEXLOWER_PERMISSIVE;

use super::sample_json;

type Verify = fn(&[u8], &[u8], &str) -> bool;

#[test]
fn the_vectors_verify_and_nothing_near_them_does() {
    let vectors = sample_json("signature-vectors.json");
    let mut seen = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let part = |name: &str| vector[name].as_str().unwrap();
        let (verify, header, other): (Verify, _, Verify) = match part("scheme") {
            "xobito-flow-a" => (verify_xobito, XOBITO_HEADER, verify_meta),
            "meta" => (verify_meta, META_HEADER, verify_xobito),
            // Not a scheme of a provider here.
            "standard-webhooks" => continue,
            scheme => panic!("nothing verifies {scheme}"),
        };
        seen += 1;
        let (secret, body, value) = (part("secret").as_bytes(), part("body").as_bytes(), part("value"));
        assert_eq!(header, part("header"));
        assert!(verify(secret, body, value), "{vector}");
        assert!(!other(secret, body, value), "the schemes differ by their prefix");
        let longer = [body, b" "].concat();
        assert!(!verify(secret, &longer, value));
        assert!(!verify(b"another secret", body, value));
        for at in 0..value.len() {
            let mut near = value.as_bytes().to_vec();
            near[at] = if near[at] == b'0' { b'1' } else { b'0' };
            assert!(!verify(secret, body, std::str::from_utf8(&near).unwrap()), "position {at}");
            assert!(!verify(secret, body, &value[..at]), "a beginning of {at} characters");
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn the_case_of_the_digits_and_spaces_around_them_prove_nothing() {
    let vectors = sample_json("signature-vectors.json");
    let (xobito, meta) = (&vectors["vectors"][0], &vectors["vectors"][1]);
    let body = xobito["body"].as_str().unwrap().as_bytes();
    let value = xobito["value"].as_str().unwrap();
    assert!(verify_xobito(b"sandbox-secret", body, &format!(" {} ", value.to_uppercase())));
    assert!(verify_meta(b"sandbox-app-secret", body, &meta["value"].as_str().unwrap().replace("cf54", "CF54")));
    for not_a_signature in ["", " ", "sha256=", "zz", &value[..63], &format!("{value}00"), &format!("sha256={value}"), "é"] {
        assert!(!verify_xobito(b"sandbox-secret", body, not_a_signature), "{not_a_signature}");
    }
}

#[test]
fn nothing_verifies_under_a_forgotten_secret() {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(b"").unwrap();
    mac.update(b"{}");
    let signed = HEXLOWER_PERMISSIVE.encode(&mac.finalize().into_bytes());
    assert!(!verify_xobito(b"", b"{}", &signed));
    assert!(!verify_meta(b"", b"{}", &format!("sha256={signed}")));
}
