//! Ids as the real ones look: message ids, WhatsApp user ids, phone numbers.

use data_encoding::{BASE64, HEXUPPER};

/// Which way a message went; its id carries it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the business to the person.
    Out,
    /// From the person to the business.
    In,
}

/// A new message id: `wamid.` and the base64 of the layout that the ids of Meta's examples decode to. The hexadecimal part is
/// random, so ids stay unique across restarts: a host that keeps its store would otherwise take a new tap for an old one.
pub(super) fn message_id(digits: &str, way: Way) -> String {
    let (kind, bytes) = match way {
        Way::Out => (0x11, 9),
        Way::In => (0x12, 10),
    };
    let mut random = [0u8; 10];
    getrandom::fill(&mut random).expect("the system hands out random bytes");
    let key = HEXUPPER.encode(&random[..bytes]);
    let mut raw = vec![0x1c, 0x18, digits.len() as u8];
    raw.extend_from_slice(digits.as_bytes());
    raw.extend_from_slice(&[0x15, 0x02, 0x00, kind, 0x18, key.len() as u8]);
    raw.extend_from_slice(key.as_bytes());
    raw.push(0);
    format!("wamid.{}", BASE64.encode(&raw))
}

/// The business-scoped user id of a number: as long as the samples', and the same for the same number.
pub(super) fn user_id(digits: &str) -> String {
    format!("US.7{digits:0>19}")
}

/// `+` and digits out of what was given as a phone number, or `None` when it is no international number of 7 to 15 digits.
/// A leading space counts as `+`: that is what an unescaped `+` in a query turns into.
pub(super) fn phone(given: &str) -> Option<String> {
    let digits = given.trim().trim_start_matches('+');
    let plausible = (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    plausible.then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_have_the_layout_of_the_samples() {
        let sample = "wamid.HBgLMTU1NTAxMDAxMjMVAgARGBIzOTg5OTEwMDlEQTFEMjUxNzkA";
        let ours = message_id("15550100123", Way::Out);
        assert_eq!(ours.len(), sample.len());
        assert_eq!(ours[..32], sample[..32]);
        let sample = "wamid.HBgLMTU1NTAxMDAxMjMVAgASGBQ3REM5NkY3NzZDODQyM0U1N0EyNwA=";
        let ours = message_id("15550100123", Way::In);
        assert_eq!(ours.len(), sample.len());
        assert_eq!(ours[..32], sample[..32]);
        assert!(ours.ends_with("A="), "the last byte is nought: {ours}");
    }

    #[test]
    fn user_ids_have_the_length_of_the_samples() {
        assert_eq!(user_id("15550100123").len(), "US.70000000000000000123".len());
    }

    #[test]
    fn a_phone_number_is_plus_and_seven_to_fifteen_digits() {
        assert_eq!(phone(" 15550100123").as_deref(), Some("+15550100123"));
        assert_eq!(phone("15550100123").as_deref(), Some("+15550100123"));
        for bad in ["", "+155", "+0555010012", "+1555x100123", "+1234567890123456"] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }
}
