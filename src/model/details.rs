//! What a provider tells of something that a person sent beside text and taps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inbound::AttachmentKind;
use super::value::Value;

/// What is told of an attachment, as far as it is told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// The provider's id of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where the file can be fetched, where the provider says so; it may ask for a token there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The file's media type, `image/jpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// What the file is called; documents only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// North of the equator, in degrees; locations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// East of Greenwich, in degrees; locations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// What the place is called; a dropped pin has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of the place; a dropped pin has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Details {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The record that flows and scripts see: of a location its `latitude`, `longitude`, `name` and `address`; of anything else
    /// its `kind`, `id`, `url`, `mime`, `filename` and `caption`. What was not told is missing in it.
    pub fn value(&self, kind: AttachmentKind, caption: &str) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        let caption = Some(caption).filter(|caption| !caption.is_empty());
        let fields: Vec<(&str, Option<Value>)> = match kind {
            AttachmentKind::Location => vec![
                ("latitude", self.latitude.map(Value::Decimal)),
                ("longitude", self.longitude.map(Value::Decimal)),
                ("name", text(&self.name)),
                ("address", text(&self.address)),
            ],
            _ => vec![
                ("kind", Some(kind.name().into())),
                ("id", text(&self.id)),
                ("url", text(&self.url)),
                ("mime", text(&self.mime)),
                ("filename", text(&self.filename)),
                ("caption", caption.map(Value::from)),
            ],
        };
        let told = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Record(told.collect::<BTreeMap<_, _>>())
    }
}
