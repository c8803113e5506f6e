//! Contacts (reference: xobito-api.md, section 12). Every person of the sandbox who is known to Xobito has one.

use super::super::webhook::signed;
use super::super::world::World;
use super::super::{Note, Sandbox, ids, limits};
use super::Call;
use super::answer::Answer;
use super::fields::Fields;
use serde_json::{Map, Value, json};

pub(super) fn list(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let world = sandbox.world();
    let mut contacts: Vec<_> = world.people.values().filter_map(|p| p.contact.as_ref()).collect();
    contacts.sort_by_key(|contact| contact.id);
    Ok(Answer::page(call, contacts.into_iter().map(|c| c.record()).collect()))
}

pub(super) fn create(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut fields = Fields::of(&call.fields);
    let given = members(&mut fields, false);
    let phone = phone(&mut fields);
    let mut world = sandbox.world();
    if world.people.get(&phone).is_some_and(|p| p.contact.is_some()) {
        fields.wrong("phone", "The phone has already been taken.");
    }
    fields.done()?;
    let full = !world.people.contains_key(&phone) && world.people.len() >= limits::PEOPLE;
    if full || world.board.faults.plan_limit {
        world.board.count("plan_limit");
        return Err(Answer::plan_limit());
    }
    let now = sandbox.tell(world.ahead);
    let firstname = given.get("firstname").and_then(Value::as_str).unwrap_or_default().to_owned();
    let lastname = given.get("lastname").and_then(Value::as_str).unwrap_or_default();
    world.person(&phone, format!("{firstname} {lastname}").trim());
    sandbox.make_contact(&mut world, &phone, &firstname, Some(given), now);
    let record = world.people.get(&phone).and_then(|p| p.contact.as_ref()).map(|c| c.record()).unwrap_or_default();
    sandbox.note(Note::People);
    Ok(Answer::success(201, Some("Contact created successfully"), record))
}

pub(super) fn update(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut world = sandbox.world();
    let owner = find(&world, call)?;
    let mut fields = Fields::of(&call.fields);
    let given = members(&mut fields, true);
    if phone(&mut fields) != owner {
        fields.wrong("phone", "The sandbox keeps a contact's phone: it is the person.");
    }
    fields.done()?;
    let now = sandbox.tell(world.ahead);
    sandbox.make_contact(&mut world, &owner, "", Some(given), now);
    let record = world.people.get(&owner).and_then(|p| p.contact.as_ref()).map(|c| c.record()).unwrap_or_default();
    Ok(Answer::success(200, Some("Contact updated successfully"), record))
}

/// Deletes the record; the person and the chat stay, as they do in WhatsApp.
pub(super) fn delete(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut world = sandbox.world();
    let owner = find(&world, call)?;
    let now = sandbox.tell(world.ahead);
    let contact = world.people.get_mut(&owner).and_then(|p| p.contact.take());
    if let Some(contact) = contact {
        let event = signed::contact("deleted", &contact, now);
        sandbox.queue_signed(&mut world, &owner, None, event);
    }
    // The body of this answer is unknown; the envelope is stated.
    Ok(Answer::success(200, Some("Contact deleted successfully"), Value::Null))
}

fn find(world: &World, call: &Call) -> Result<String, Answer> {
    let id: Option<u64> = call.path.get("id").and_then(|id| id.parse().ok());
    let owner = world.people.values().find(|p| p.contact.as_ref().is_some_and(|c| Some(c.id) == id));
    owner.map(|p| p.phone.clone()).ok_or_else(|| Answer::error(404, "Contact not found"))
}

fn phone(fields: &mut Fields) -> String {
    let given = fields.required("phone", 20);
    let phone = ids::phone(given);
    if !given.is_empty() && phone.is_none() {
        fields.wrong("phone", "The phone format is invalid.");
    }
    phone.unwrap_or_default()
}

/// The writable members. An update wants the last name too, and lets source and status be null.
fn members(fields: &mut Fields, updating: bool) -> Map<String, Value> {
    let mut kept = Map::new();
    kept.insert("firstname".into(), json!(fields.required("firstname", 255)));
    if updating {
        kept.insert("lastname".into(), json!(fields.required("lastname", 255)));
    } else if let Some(lastname) = fields.text("lastname", 255) {
        kept.insert("lastname".into(), json!(lastname));
    }
    let kind = fields.required("type", 20);
    if !kind.is_empty() && !["lead", "customer"].contains(&kind) {
        fields.wrong("type", "The selected type is invalid.");
    }
    kept.insert("type".into(), json!(kind));
    for name in ["source_id", "status_id"] {
        match fields.raw(name) {
            None if updating => {}
            None => fields.wrong(name, format!("The {} field is required.", name.replace('_', " "))),
            Some(id) if id.is_u64() => drop(kept.insert(name.into(), id.clone())),
            Some(_) => fields.wrong(name, format!("The {} must be an integer.", name.replace('_', " "))),
        }
    }
    for (name, most) in [("email", 191), ("company", 255), ("description", 1_000)] {
        if let Some(text) = fields.text(name, most) {
            kept.insert(name.into(), json!(text));
        }
    }
    kept
}
