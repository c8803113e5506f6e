//! "Did you mean": the nearest of the names that would have been right.

/// The candidate nearest to `wrong`, if one is near enough to be what was meant: at most a third of its letters differ, a
/// swap of two neighbours counting once.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count().max(wrong.chars().count()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What other tools and languages call what is called otherwise here, and what people write out of habit.
const HABITS: &[(&str, &[&str])] = &[
    ("go", &["goto", "next", "then", "jump", "target", "step"]),
    ("then", &["goto", "go", "next"]),
    ("otherwise", &["else", "default"]),
    ("title", &["label", "text", "caption", "name"]),
    ("say", &["text", "message", "body", "send", "reply"]),
    ("ask", &["question", "prompt", "input"]),
    ("into", &["save", "save_to", "store", "variable", "as"]),
    ("buttons", &["options", "choices", "menu"]),
    ("start", &["on", "trigger", "triggers", "starts"]),
    ("words", &["keywords", "keyword", "texts"]),
    ("remember", &["variables", "vars", "state"]),
    ("flow", &["name", "id"]),
    ("when", &["if", "condition"]),
    ("with", &["args", "arguments", "params"]),
    ("if_silent", &["timeout"]),
    ("after", &["timeout", "delay"]),
    ("tries", &["retries", "attempts"]),
    ("longest", &["max_length", "maxlength"]),
    ("least", &["min", "minimum"]),
    ("most", &["max", "maximum"]),
    ("kind", &["type"]),
    ("of", &["values", "options", "choices", "enum"]),
    ("url", &["link", "href", "address"]),
    ("they", &["user", "contact", "human", "customer", "me", "says"]),
    ("bot", &["says", "expect", "reply", "answer"]),
    ("tap", &["click", "press", "button"]),
    ("talk", &["steps", "lines", "conversation"]),
    ("number", &["int", "integer", "float", "decimal", "numeric"]),
    ("text", &["string", "str"]),
    ("yes_no", &["bool", "boolean"]),
    ("choice", &["enum", "select"]),
    ("phone", &["tel", "mobile"]),
    ("record", &["map", "object", "dict"]),
    ("list", &["array"]),
    ("image", &["photo", "picture", "img"]),
    ("document", &["file", "pdf"]),
    ("audio", &["sound", "voice", "music"]),
];

/// The candidate that was probably meant: the nearest one, or the one that other tools call `wrong`.
pub fn meant<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    nearest(wrong, candidates.clone()).or_else(|| {
        let wrong = wrong.to_lowercase();
        let called = |candidate: &&str| HABITS.iter().any(|(name, habits)| name == candidate && habits.contains(&&*wrong));
        candidates.into_iter().find(called)
    })
}

/// Whether `wrong` can only be a slip of the pen for the word `meant` of the language: one letter away from it, or written with
/// other capitals, and not near to any other of the `words` that may stand there.
pub fn surely<'a>(wrong: &str, meant: &str, words: impl IntoIterator<Item = &'a str>) -> bool {
    let near = |word: &str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &word.to_lowercase());
    near(meant) <= 1 && words.into_iter().all(|word| word == meant || near(word) > 2)
}

#[cfg(test)]
mod tests {
    use super::{meant, nearest, surely};

    #[test]
    fn habits_of_other_tools_are_understood_where_nothing_is_nearer() {
        assert_eq!(meant("goto", ["title", "go", "when"]), Some("go"));
        assert_eq!(meant("Label", ["title", "go"]), Some("title"));
        assert_eq!(meant("else", ["when", "go"]), None);
        assert_eq!(meant("titel", ["title", "go"]), Some("title"));
    }

    #[test]
    fn only_one_letter_and_one_candidate_are_sure() {
        assert!(surely("titel", "title", ["title", "go", "set", "when"]));
        assert!(surely("Title", "title", ["title", "words"]));
        assert!(!surely("tetil", "title", ["title", "words"]));
        assert!(!surely("as", "ask", ["ask", "say"]), "`say` is two letters away as well");
        assert!(!surely("tima", "time", ["time", "times"]));
    }

    #[test]
    fn offers_what_was_probably_meant_and_nothing_far_fetched() {
        assert_eq!(nearest("titel", ["title", "go", "set"]), Some("title"));
        assert_eq!(nearest("Buttons", ["buttons", "say"]), Some("buttons"));
        assert_eq!(nearest("zebra", ["title", "go", "set"]), None);
    }
}
