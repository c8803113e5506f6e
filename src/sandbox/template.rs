//! The templates of the pretend workspace, in the members that `GET /templates` returns.

use serde_json::{Value, json};

/// A template as Meta reviewed it.
pub(super) struct Template {
    pub id: u32,
    pub name: &'static str,
    pub language: &'static str,
    pub status: &'static str,
    pub category: &'static str,
    pub header: Option<&'static str>,
    /// The kind of file above the text, `IMAGE`, where the header is none in words.
    pub file: Option<&'static str>,
    pub body: &'static str,
    pub footer: Option<&'static str>,
    /// Labels of its quick-reply buttons.
    pub quick_replies: &'static [&'static str],
}

/// All of them: four that may be sent and one that still waits for its review.
pub(super) const TEMPLATES: &[Template] = &[
    Template {
        id: 5,
        name: "order_ready",
        language: "en_US",
        status: "APPROVED",
        category: "UTILITY",
        header: Some("Order update"),
        file: None,
        body: "Hi {{1}}, order {{2}} is ready to collect.",
        footer: None,
        quick_replies: &[],
    },
    Template {
        id: 6,
        name: "appointment_reminder",
        language: "en_US",
        status: "APPROVED",
        category: "UTILITY",
        header: None,
        file: None,
        body: "Hi {{1}}, we expect you on {{2}} at {{3}}. Will you come?",
        footer: Some("Reply within a day"),
        quick_replies: &["Yes, I will", "Another time", "Cancel"],
    },
    Template {
        id: 7,
        name: "hello_again",
        language: "en_US",
        status: "APPROVED",
        category: "MARKETING",
        header: Some("Hello {{1}}"),
        file: None,
        body: "There is news about your last visit. Shall we go on here?",
        footer: None,
        quick_replies: &["Go on"],
    },
    Template {
        id: 8,
        name: "spring_offer",
        language: "en_US",
        status: "PENDING",
        category: "MARKETING",
        header: None,
        file: None,
        body: "Hi {{1}}, spring prices start today.",
        footer: None,
        quick_replies: &[],
    },
    Template {
        id: 9,
        name: "new_catalogue",
        language: "en_US",
        status: "APPROVED",
        category: "MARKETING",
        header: None,
        file: Some("IMAGE"),
        body: "Hi {{1}}, our new catalogue is here.",
        footer: None,
        quick_replies: &["Show me", "Not now"],
    },
];

impl Template {
    /// The template of that name and language, whatever its status.
    pub(super) fn find(name: &str, language: &str) -> Option<&'static Template> {
        TEMPLATES.iter().find(|t| t.name == name && t.language == language)
    }

    /// How many `field_n` the body needs.
    pub(super) fn body_params(&self) -> usize {
        params(self.body)
    }

    /// How many fields the header needs: none or one.
    pub(super) fn header_params(&self) -> usize {
        self.header.map_or(0, params)
    }

    /// The item of `GET /templates`. The shape of `buttons_data` when present is unknown (reference: xobito-api.md,
    /// section 13); here it is a list of type and text, as Meta's template objects have it.
    pub(super) fn item(&self, tenant: u32) -> Value {
        let buttons: Vec<Value> = self.quick_replies.iter().map(|t| json!({"type": "QUICK_REPLY", "text": t})).collect();
        json!({
            "id": self.id, "tenant_id": tenant, "template_id": format!("3300000000000{:02}", self.id - 4),
            "template_name": self.name, "language": self.language, "status": self.status, "category": self.category,
            "header_data_format": self.header.map(|_| "TEXT").or(self.file), "header_data_text": self.header,
            "header_params_count": self.header_params(), "body_data": self.body, "body_params_count": self.body_params(),
            "footer_data": self.footer, "footer_params_count": 0,
            "buttons_data": if buttons.is_empty() { Value::Null } else { Value::Array(buttons) },
            "header_file_url": null, "header_variable_value": null, "body_variable_value": null,
            "template_type": null, "cards_json": null,
            "created_at": "2026-06-01T08:00:00.000000Z", "updated_at": "2026-06-01T08:00:00.000000Z",
        })
    }
}

/// `text` with `{{n}}` replaced by the n-th value. Values are put in as they are: a value that holds `{{1}}` stays literal.
pub(super) fn fill(text: &str, values: &[String]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let number_and_tail = after.split_once("}}").and_then(|(n, tail)| Some((n.trim().parse::<usize>().ok()?, tail)));
        match number_and_tail {
            Some((n, tail)) => {
                out.push_str(n.checked_sub(1).and_then(|i| values.get(i)).map_or("", String::as_str));
                rest = tail;
            }
            None => {
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn params(text: &str) -> usize {
    (1..=10).take_while(|n| text.contains(&format!("{{{{{n}}}}}"))).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_as_they_are() {
        let values = ["{{2}}".to_owned(), "b".to_owned()];
        assert_eq!(fill("{{1}} and {{2}} {{x}}", &values), "{{2}} and b {{x}}");
    }

    #[test]
    fn fields_are_counted() {
        let counts: Vec<_> = TEMPLATES.iter().map(|t| (t.header_params(), t.body_params())).collect();
        assert_eq!(counts, [(0, 2), (0, 3), (1, 0), (0, 1), (0, 1)]);
    }
}
