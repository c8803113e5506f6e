//! The ids of our own buttons. An id names its flow, step and choice and the send that carried it, and is signed for one
//! contact: an old tap says by itself where it belongs, a forged one reaches no step even through an unsigned webhook, and
//! a tap proves that its send arrived.
//!
//! Form: `flow/step/choice~send key~signature` or `id~send key~signature`, at most 256 bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{ButtonRef, ChoiceName, ContactId, FlowName, SendKey, StepName, TappedButton, limits, name};

/// Signs and reads button ids with the host's key.
#[derive(Clone)]
pub struct Signer {
    mac: Hmac<Sha256>,
}

/// Bytes of the signature that travel in an id: 80 bits.
const SIGNATURE_BYTES: usize = 10;
const SIGNATURE_CHARS: usize = 16;
/// Stands between the parts of an id. It cannot occur in names and send keys, and what comes before it may hold it.
const BETWEEN: char = '~';

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(***)")
    }
}

impl Signer {
    /// A signer with the host's own key, which must not change while buttons are on phones.
    pub fn new(key: &[u8]) -> Self {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
        Self { mac }
    }

    /// The id for a button that `send` carries to `contact`.
    pub fn sign(&self, contact: ContactId, means: &ButtonRef, send: &SendKey) -> String {
        let what = match means {
            ButtonRef::Choice { flow, step, choice } => format!("{flow}/{step}/{choice}"),
            ButtonRef::Named(id) => id.clone(),
        };
        let tag = data_encoding::BASE32_NOPAD.encode(&self.tag(contact, is_choice(means), &what, send)).to_ascii_lowercase();
        format!("{what}{BETWEEN}{send}{BETWEEN}{tag}")
    }

    /// What `id` stands for when `contact` taps it. Whatever this signer did not sign for this contact is foreign.
    pub fn read(&self, contact: ContactId, id: &str) -> TappedButton {
        self.verified(contact, id).unwrap_or_else(|| TappedButton::Foreign { id: id.to_owned() })
    }

    fn verified(&self, contact: ContactId, id: &str) -> Option<TappedButton> {
        if id.len() > limits::BUTTON_ID_BYTES_MAX {
            return None;
        }
        let (rest, tag) = id.rsplit_once(BETWEEN)?;
        let (what, send) = rest.rsplit_once(BETWEEN)?;
        if tag.len() != SIGNATURE_CHARS {
            return None;
        }
        let tag = data_encoding::BASE32_NOPAD.decode(tag.to_ascii_uppercase().as_bytes()).ok()?;
        let send = SendKey(send.to_owned());
        let mac = |choice: bool| self.keyed(contact, choice, what, &send).verify_truncated_left(&tag).is_ok();
        let means = if mac(true) {
            choice(what)?
        } else if mac(false) {
            ButtonRef::Named(what.to_owned())
        } else {
            return None;
        };
        Some(TappedButton::Ours { means, send })
    }

    fn tag(&self, contact: ContactId, choice: bool, what: &str, send: &SendKey) -> [u8; SIGNATURE_BYTES] {
        let whole = self.keyed(contact, choice, what, send).finalize().into_bytes();
        let mut tag = [0; SIGNATURE_BYTES];
        tag.copy_from_slice(&whole[..SIGNATURE_BYTES]);
        tag
    }

    fn keyed(&self, contact: ContactId, choice: bool, what: &str, send: &SendKey) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&contact.0.to_le_bytes());
        mac.update(&[u8::from(choice)]);
        mac.update(&(what.len() as u64).to_le_bytes());
        mac.update(what.as_bytes());
        mac.update(send.0.as_bytes());
        mac
    }
}

fn is_choice(means: &ButtonRef) -> bool {
    matches!(means, ButtonRef::Choice { .. })
}

fn choice(what: &str) -> Option<ButtonRef> {
    let mut parts = what.split('/');
    let (flow, step, choice) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && [flow, step, choice].into_iter().all(name::is_name);
    whole.then(|| ButtonRef::Choice { flow: FlowName::new(flow), step: StepName::new(step), choice: ChoiceName::new(choice) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu_button() -> ButtonRef {
        ButtonRef::Choice { flow: FlowName::new("shop"), step: StepName::new("menu"), choice: ChoiceName::new("prices") }
    }

    #[test]
    fn a_signed_id_reads_back_for_its_contact_only() {
        let signer = Signer::new(b"key");
        let send = SendKey::new(ContactId(7), 3, 0);
        for means in [menu_button(), ButtonRef::Named("order:47~11".into()), ButtonRef::Named("shop/menu/prices".into())] {
            let id = signer.sign(ContactId(7), &means, &send);
            assert_eq!(signer.read(ContactId(7), &id), TappedButton::Ours { means, send: send.clone() });
            for (other, contact) in [(Signer::new(b"key"), 8), (Signer::new(b"other"), 7)] {
                assert_eq!(other.read(ContactId(contact), &id), TappedButton::Foreign { id: id.clone() });
            }
        }
    }

    #[test]
    fn no_changed_letter_passes() {
        let signer = Signer::new(b"key");
        let id = signer.sign(ContactId(7), &menu_button(), &SendKey::new(ContactId(7), 3, 0));
        for at in 0..id.len() {
            let mut forged = id.clone().into_bytes();
            forged[at] = if forged[at] == b'x' { b'y' } else { b'x' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(signer.read(ContactId(7), &forged), TappedButton::Foreign { id: forged.clone() });
        }
    }

    #[test]
    fn the_longest_id_of_a_script_fits() {
        let means = ButtonRef::Named("x".repeat(limits::NAMED_BUTTON_ID_BYTES_MAX));
        let contact = ContactId(999_999_999_999);
        let id = Signer::new(b"key").sign(contact, &means, &SendKey::new(contact, 9_999_999_999, 19));
        assert!(id.len() <= limits::BUTTON_ID_BYTES_MAX, "{} bytes", id.len());
    }

    #[test]
    fn the_longest_names_fit() {
        let long = "x".repeat(limits::NAME_CHARS_MAX);
        let means = ButtonRef::Choice { flow: FlowName::new(&long), step: StepName::new(&long), choice: ChoiceName::new(&long) };
        let id =
            Signer::new(b"key").sign(ContactId(9_999_999_999), &means, &SendKey::new(ContactId(9_999_999_999), 9_999_999, 19));
        assert!(id.len() <= limits::BUTTON_ID_BYTES_MAX, "{} bytes", id.len());
    }
}
