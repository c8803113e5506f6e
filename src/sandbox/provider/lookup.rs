//! What can be asked: a message's status, a number's form, templates, sources (reference: xobito-api.md, sections 10, 11, 13).

use super::super::Sandbox;
use super::super::ids;
use super::super::template::TEMPLATES;
use super::super::world::{TENANT, rest_time};
use super::Call;
use super::answer::Answer;
use super::fields::Fields;
use serde_json::{Value, json};

pub(super) fn status(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let id = call.path.get("id").map_or("", String::as_str);
    let mut world = sandbox.world();
    let phone = world.sent.get(id).cloned();
    let message = phone.and_then(|phone| world.people.get_mut(&phone)).and_then(|person| person.message(id));
    let Some(message) = message else { return Err(Answer::error(404, "Message not found")) };
    let error = (!message.error.is_empty()).then_some(message.error.as_str());
    let data = json!({
        "message_id": id, "delivery_status": message.ticks.literal(), "error_message": error, "source": "chat",
        "last_updated": rest_time(message.changed),
        "statuses": {
            "pending": "Waiting to be sent", "sent": "Accepted upstream", "delivered": "On the recipient device",
            "read": "Opened by the recipient", "failed": "Not delivered",
        },
    });
    Ok(Answer::success(200, None, data))
}

/// The country of a number is guessed from its first digit; the real endpoint knows more.
pub(super) fn validate(_: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut fields = Fields::of(&call.fields);
    let given = fields.required("phone_number", 255);
    fields.done()?;
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let valid = ids::phone(given);
    let north_american = digits.starts_with('1');
    let data = match &valid {
        Some(phone) => json!({
            "phone": given, "phone_digits": digits, "format_valid": true,
            "country_code": if north_american { "1" } else { &digits[..2] },
            "country": north_american.then_some("United States"),
            "national_number": if north_american { &digits[1..] } else { &digits[2..] },
            "e164": phone, "reason": null, "note": "Format check only.",
        }),
        None => {
            let reason = if digits.len() < 7 { "Number is too short to be valid" } else { "Number is not valid" };
            json!({
                "phone": given, "phone_digits": digits, "format_valid": false, "country_code": null, "country": null,
                "national_number": null, "e164": null, "reason": reason, "note": "Format check only.",
            })
        }
    };
    let said = if valid.is_some() { "Phone number format is valid" } else { "Phone number format is invalid" };
    Ok(Answer::success(200, Some(said), data))
}

pub(super) fn templates(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    if sandbox.world().board.fails_500() {
        return Err(Answer::error(500, "Failed to list templates"));
    }
    let items: Vec<Value> = TEMPLATES.iter().map(|template| template.item(TENANT)).collect();
    Ok(Answer::page(call, items))
}

pub(super) fn sources(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    if sandbox.world().board.fails_500() {
        return Err(Answer::error(500, "Failed to list sources"));
    }
    let created = "2026-06-01T08:00:00.000000Z";
    let source =
        |id: u32, name: &str| json!({"id": id, "tenant_id": TENANT, "name": name, "created_at": created, "updated_at": created});
    Ok(Answer::page(call, vec![source(1, "Website"), source(2, "Shop counter")]))
}
