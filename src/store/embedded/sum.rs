//! Checksums of what is stored: SQLite keeps none of its pages, and a bit that turned over on the disk must be found, not served.
//!
//! Whatever a conversation is made of carries one: who the person is, the state, messages in, sends. It is looked at whenever they are read.
//! Rows of layouts before it have none and are taken as they are until they are written again.

/// The checksum of `parts`, the same for ever (FNV-1a, 64 bits). Each step is reversible, so that a change within one byte never
/// goes unnoticed, and any other with a chance of one in 2^64.
pub(super) fn sum(parts: &[&str]) -> i64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    // A byte that UTF-8 never has parts the parts.
    let hash = parts.iter().fold(0xcbf2_9ce4_8422_2325, |hash, part| step(part.bytes().fold(hash, step), 0xff));
    hash.cast_signed()
}

/// Why `parts` cannot be what was stored, if they cannot.
pub(super) fn damage(parts: &[&str], stored: Option<i64>) -> Option<String> {
    let damaged = stored.is_some_and(|stored| stored != sum(parts));
    damaged.then(|| "is damaged: it does not match its checksum; see docs/store.md, Damage".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_that_turns_over_is_found_and_so_is_a_part_in_the_wrong_place() {
        let text = r#"{"turns": 3, "text": "äöü"}"#;
        let stored = sum(&["7", text]);
        for at in 0..text.len() * 8 {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at / 8] ^= 1 << (at % 8);
            // What is no text any more is found by SQLite's reader.
            if let Ok(turned) = String::from_utf8(bytes) {
                assert!(damage(&["7", &turned], Some(stored)).is_some(), "bit {at}");
            }
        }
        assert!(damage(&["7", text], Some(stored)).is_none() && damage(&["7", text], None).is_none());
        assert_ne!(sum(&["7", text]), sum(&["8", text]));
        assert_ne!(sum(&["a", "b"]), sum(&["ab", ""]));
        assert_eq!(sum(&["a"]), 620310408636712809, "the same for ever");
    }
}
