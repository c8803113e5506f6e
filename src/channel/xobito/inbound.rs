//! A webhook body of either kind.

use serde_json::Value;

use super::super::deliveries::Deliveries;
use super::super::{Unreadable, json, meta};
use super::events;
use crate::model::Delivery;

/// Which of the two bodies it was: only one of them is signed, so whoever asks for signatures has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Xobito's own event (Flow A), signed.
    Event,
    /// The forwarded Meta body (Flow B), which nobody signs.
    Forwarded,
}

/// Reads a webhook body of either kind; see [`decode_told`].
///
/// # Errors
///
/// As [`decode_told`].
pub fn decode(body: &[u8]) -> Result<Vec<Delivery>, Unreadable> {
    decode_told(body).map(|(_, deliveries)| deliveries)
}

/// Reads a webhook body of either kind: Xobito's own event or the forwarded Meta body, told apart by shape, because both may
/// be pointed at one address. The list is never empty and follows the body's order, doubles included. It holds at most
/// [`crate::model::limits::WEBHOOK_DELIVERIES_MAX`] parts and, if the body held more, one that says how many were left out.
///
/// # Errors
///
/// Only for a body that is no JSON object or has neither shape. A known shape with unknown content is [`Delivery::Ignored`]:
/// refusing it would only make the provider send it again.
pub fn decode_told(body: &[u8]) -> Result<(Flow, Vec<Delivery>), Unreadable> {
    let body: Value = json::parse(body)?;
    let mut out = Deliveries::default();
    let flow = if meta::is_body(&body) {
        meta::decode(&body, &mut out);
        Flow::Forwarded
    } else if events::is_event(&body) {
        events::decode(&body, &mut out);
        Flow::Event
    } else {
        return Err(Unreadable { why: "the body is neither a WhatsApp webhook nor a Xobito event".to_owned() });
    };
    Ok((flow, out.finish()))
}
