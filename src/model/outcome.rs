//! What a provider's answer to a send means: a closed list, because the retry rules choose by it.

use serde::{Deserialize, Serialize};

use super::message::MessageId;

/// What became of one attempt to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The provider took it. Without an id it cannot be traced further and must never be sent again.
    Sent {
        /// The provider's id of the message.
        message: Option<MessageId>,
    },
    /// Surely not sent: too many requests. The whole token pauses.
    Throttled {
        /// How long the provider asks us to wait, in seconds; bounded by [`super::limits::RETRY_AFTER_SECS_MAX`].
        retry_after_secs: Option<u32>,
    },
    /// Surely not sent: nobody was reached, or the request never left.
    Unreached {
        /// What went wrong, without addresses' secrets.
        detail: String,
    },
    /// The provider says that its own attempt failed. Worth trying again, a few times.
    Failed {
        /// The provider's words.
        detail: String,
    },
    /// Surely not sent, and no repetition will change that.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The provider's words.
        detail: String,
    },
    /// The request left and no usable answer came: it may have been sent.
    Unknown {
        /// What came instead of an answer.
        detail: String,
    },
}

/// Why a provider refuses for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The message breaks a limit; found before or by the provider.
    Invalid,
    /// The token is missing, wrong or expired.
    Unauthorized,
    /// The token may not do this, or the plan does not cover it.
    Forbidden,
    /// The workspace, template or contact does not exist.
    NotFound,
    /// A free-form message outside the 24-hour window.
    WindowClosed,
    /// A person has the conversation.
    Held,
    /// The contact has no address this channel can send to.
    NoAddress,
    /// It waited longer than [`super::limits::SEND_AGE_MS_MAX`]; nobody was ever reached.
    TooOld,
    /// Any other answer that promises nothing from a repetition.
    Other,
}
