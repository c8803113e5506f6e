//! Every diagnostic there is. A code is for ever: one that is no longer given stays in the list and says so.
//!
//! Its page for authors is `docs/diagnostics/<code>.md`; a code without one does not compile.

use std::fmt;

/// The stable code of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What the first digits of a code say.
pub const FAMILIES: &[(&str, &str)] = &[
    ("BH00", "the YAML itself"),
    ("BH01", "keys and shapes"),
    ("BH02", "names that lead nowhere"),
    ("BH03", "bounds"),
    ("BH04", "what begins a flow"),
    ("BH05", "the way through a flow"),
    ("BH06", "scripts and expressions"),
    ("BH07", "conversations written as tests"),
    ("BH08", "time"),
    ("BH09", "languages"),
    ("BH10", "calls of other systems"),
];

macro_rules! codes {
    ($($name:ident $code:literal $summary:literal)*) => {
        #[allow(missing_docs)] // the summary stands beside each
        impl Code {
            $(pub const $name: Code = Code($code);)*
        }

        /// Every code with what it means in one line.
        pub const ALL: &[(Code, &str)] = &[$((Code::$name, $summary)),*];

        /// Every code with its page, in Markdown: what it means, wrong, right, and why.
        pub const PAGES: &[(Code, &str)] = &[$((
            Code::$name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics/", $code, ".md")),
        )),*];
    };
}

codes! {
    YAML_SYNTAX "BH0001" "the file is not YAML"
    YAML_DUPLICATE_KEY "BH0002" "the same key stands twice in one place"
    YAML_UNQUOTED_BRACE "BH0003" "a text that begins with a brace needs quotes"
    YAML_TAB "BH0004" "a tab stands where only spaces may"
    FILE_UNREADABLE "BH0005" "a file is too large or is not text"
    YAML_LOOKALIKE "BH0006" "a character that looks like a space or a quote, but is none"
    YAML_COMMENT "BH0007" "a text that a comment cuts short"

    UNKNOWN_KEY "BH0101" "a key that is not part of the language"
    MISSING_KEY "BH0102" "something that must be there is missing"
    WRONG_SHAPE "BH0103" "a text, list or mapping where another was expected"
    BAD_NAME "BH0104" "a name with characters that names cannot have"
    WRONG_VERSION "BH0105" "the first line does not say which language version the file uses"
    TOGETHER "BH0106" "two keys that exclude each other"
    BAD_VALUE "BH0107" "a value that the key does not take"

    UNKNOWN_STEP "BH0201" "a step that the flow does not have"
    UNKNOWN_VARIABLE "BH0202" "a name that is neither a variable nor part of the event"
    UNKNOWN_FUNCTION "BH0203" "a script function that does not exist"
    DUPLICATE_FLOW "BH0204" "two files with the same flow name"
    UNKNOWN_FLOW "BH0206" "a flow that the project does not have"
    UNKNOWN_ENDING "BH0208" "an ending that the entered flow does not have"
    UNKNOWN_CASE "BH0209" "a row for a value that the variable never has"
    DUPLICATE_ALWAYS "BH0207" "two files that hold for every flow"
    WRONG_ARITY "BH0205" "a script function with another number of arguments"

    TOO_LONG "BH0301" "a text longer than the provider takes"
    COULD_BE_TOO_LONG "BH0302" "a text that its values can make longer than the provider takes"
    BUTTON_COUNT "BH0303" "more or fewer buttons than the provider takes"
    ROW_COUNT "BH0307" "more rows than a list takes, or none"
    SAME_TITLE "BH0304" "two buttons of one menu with the same title"
    BAD_URL "BH0305" "an address that is not http or https"
    DOES_NOT_FIT "BH0306" "a value that its variable never takes"

    TRIGGER_CONFLICT "BH0401" "two flows that would take the same event"
    NO_START "BH0402" "a flow that nothing begins"
    BAD_PATTERN "BH0403" "a regular expression that cannot be read"
    UNKNOWN_EVENT "BH0404" "an event that begins no flow"
    EVENT_GONE "BH0405" "a value of an event in a step that is reached when the event is over"
    BAD_CRON "BH0406" "a cron line that cannot be read"
    NEVER_COMES "BH0407" "a schedule that never comes"

    NO_EXIT "BH0501" "a step that leads nowhere"
    UNREACHABLE "BH0502" "a step that nothing leads to"
    LOOP_WITHOUT_WAIT "BH0503" "steps that run in a circle without ever waiting"
    AFTER_OTHERWISE "BH0504" "a choice after the last one"
    MAYBE_UNSET "BH0505" "a variable that is used before anything sets it"
    MISSING_CASE "BH0507" "a choice that leaves out some of its variable's values"
    ENTERS_ITSELF "BH0506" "flows that enter each other in a circle, or too deep"

    SCRIPT_SYNTAX "BH0601" "a script that cannot be read"
    SCRIPT_UNKNOWN_VARIABLE "BH0602" "a script that uses a variable it does not have"
    SCRIPT_UNKNOWN_FUNCTION "BH0603" "a script that calls a function that does not exist"
    SCRIPT_HANDLER "BH0604" "a handler with the wrong number of parameters"
    SCRIPT_FORBIDDEN "BH0605" "a script that asks for what scripts may not do"
    UNKNOWN_DATA "BH0606" "a data file that the project does not have"
    BAD_DATA "BH0607" "a data file that cannot be read"
    SAME_DATA "BH0608" "two data files with the same name"

    TEST_SHAPE "BH0701" "a line of a conversation that cannot be read"
    TEST_NAME "BH0702" "two conversations with the same name"
    TEST_NEVER_SAID "BH0703" "a conversation that expects what nothing says"
    TEST_CASES "BH0704" "cases that do not fit their conversation"

    TOO_LATE_TO_SAY "BH0801" "a message that may not leave any more when its time comes"
    NEVER_THAT_LONG "BH0802" "a time that something else always comes before"
    UNASKED_AND_FREE "BH0803" "a flow that begins by itself and says what only an answer may say"

    MISSING_LANGUAGE "BH0901" "texts that are not there in a language"
    UNKNOWN_TEXT "BH0902" "a text for a place that says nothing"
    OTHER_VALUES "BH0903" "a text with other values in it than the one it stands for"
    UNKNOWN_LANGUAGE "BH0904" "a language that nothing is written in"
    SAME_LANGUAGE "BH0905" "the same texts in the same language twice"

    BAD_HOST "BH1001" "something that is not the name of a host"
    HOST_NOT_ALLOWED "BH1002" "a call to a host that the project does not allow"
    UNKNOWN_SIGN_IN "BH1003" "a sign-in that the project does not have"
    SECRET_IN_FILE "BH1004" "a secret that stands in a file of the project"
    NO_WAY_OUT_OF_CALL "BH1005" "a call that does not say what happens without an answer"
    HIDDEN_BY_ANSWER "BH1006" "a variable that an answer hides"
}
