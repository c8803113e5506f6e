//! Taking a send: what comes after the field checks, and the 200 bodies.

use super::super::chat::{UNDELIVERABLE, WINDOW_CLOSED};
use super::super::faults::{IdShape, WindowFailure};
use super::super::ids::{self, Way};
use super::super::message::{From, Kind, Message};
use super::super::world::rest_time;
use super::super::{Note, Sandbox, limits};
use super::answer::Answer;
use serde_json::{Map, Value, json};

/// A send whose fields are in order.
pub(super) struct Outgoing {
    /// `+digits`.
    pub phone: String,
    /// What the request says about the contact.
    pub contact: Map<String, Value>,
    /// What the person is to see; its id and times are set when it is taken.
    pub message: Message,
    /// Whether Meta would refuse it although Xobito does not.
    pub refused_upstream: bool,
    /// The `message` member of the 200.
    pub said: &'static str,
    /// The media page states its 200 body, so the switch for the other shape does not touch it.
    pub stated_shape: bool,
}

impl Outgoing {
    /// A send with nothing but its recipient and kind.
    pub(super) fn new(phone: String, kind: Kind) -> Outgoing {
        let message = Message::blank(String::new(), From::Bot, kind, jiff::Timestamp::UNIX_EPOCH);
        Outgoing { phone, contact: Map::new(), message, refused_upstream: false, said: "Message sent", stated_shape: false }
    }
}

impl Sandbox {
    /// Checks plan, upstream and window, and puts the message into the chat. A refusal changes nothing.
    pub(super) fn take(&self, out: Outgoing) -> Result<Answer, Answer> {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        let known = world.people.get(&out.phone);
        let creates = known.is_none_or(|p| p.contact.is_none());
        let open = known.is_some_and(|p| p.window(now).is_some());
        let full = known.is_none() && world.people.len() >= limits::PEOPLE;
        if full || (creates && world.board.faults.plan_limit) {
            world.board.count("plan_limit");
            return Err(Answer::plan_limit());
        }
        if world.board.fails_500() || out.refused_upstream {
            return Err(failed());
        }
        let outside = out.message.kind != Kind::Template && !open;
        if outside {
            world.board.count("window_closed");
            if world.board.faults.window_failure == WindowFailure::AtOnce {
                return Err(failed());
            }
        }
        let undeliverable_every = world.board.faults.undeliverable_every;
        let failing = if outside {
            Some(WINDOW_CLOSED)
        } else {
            world.board.every("undeliverable", undeliverable_every).then_some(UNDELIVERABLE)
        };

        let spoil = world.board.spoils();
        let digits = out.phone.trim_start_matches('+').to_owned();
        let mut message = out.message;
        message.id = ids::message_id(&digits, Way::Out);
        (message.at, message.changed) = (now, now);
        let shape = if out.stated_shape && world.board.faults.message_id_shape == IdShape::WhatsappResponse {
            IdShape::Flat
        } else {
            world.board.faults.message_id_shape
        };
        let mut sent =
            Sent { id: message.id.clone(), phone: out.phone, at: rest_time(now), contact: 0, chat: 0, created: creates };

        if spoil.is_none() || !world.board.faults.lost_before_taking {
            let name = out.contact.get("firstname").and_then(Value::as_str).unwrap_or(&sent.phone).to_owned();
            let known = world.people.contains_key(&sent.phone);
            world.person(&sent.phone, &name);
            self.make_contact(&mut world, &sent.phone, &name, Some(out.contact), now);
            if let Some(person) = world.people.get(&sent.phone) {
                (sent.contact, sent.chat) = (person.contact.as_ref().map_or(0, |c| c.id), person.chat_id);
            }
            world.append(&sent.phone, message.clone());
            self.tell_message(&sent.phone, &message);
            if !known {
                self.note(Note::People);
            }
            drop(world);
            self.schedule_receipts(sent.phone.clone(), sent.id.clone(), failing);
        }
        let body = sent.data(shape);
        Ok(Answer { spoil, ..Answer::success(200, Some(out.said), body) })
    }
}

fn failed() -> Answer {
    Answer::error(500, "Failed to send message")
}

struct Sent {
    id: String,
    phone: String,
    at: String,
    contact: u64,
    chat: u64,
    created: bool,
}

impl Sent {
    fn data(&self, shape: IdShape) -> Value {
        let mut flat = json!({
            "message_id": self.id, "contact_id": self.contact, "phone": self.phone, "status": "sent", "sent_at": self.at,
            "chat_id": self.chat, "contact_created": self.created,
        });
        match shape {
            IdShape::Flat => flat,
            IdShape::None => {
                if let Some(flat) = flat.as_object_mut() {
                    flat.remove("message_id");
                }
                flat
            }
            IdShape::WhatsappResponse => json!({
                "contact_created": self.created,
                "whatsapp_response": {
                    "messaging_product": "whatsapp",
                    "contacts": [{"input": self.phone, "wa_id": self.phone.trim_start_matches('+')}],
                    "messages": [{"id": self.id}],
                },
            }),
        }
    }
}
