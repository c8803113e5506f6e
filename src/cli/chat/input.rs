//! What a line of input means.

use crate::flow::duration;
use crate::source::nearest;

/// What a line of input means.
#[derive(Debug, PartialEq)]
pub(super) enum Input<'i> {
    /// Nothing.
    Nothing,
    /// The contact types this.
    Type(&'i str),
    /// A number: a button, or a text when there is no such button.
    Number(usize, &'i str),
    /// Time passes, in milliseconds.
    Wait(u64),
    /// The contact taps the newest button with this name or title.
    Tap(&'i str),
    /// The contact sends something that is no text.
    Send(&'i str),
    Why,
    Variables,
    Restart,
    /// Becomes a test with this name.
    Save(&'i str),
    Help,
    Quit,
    /// What is wrong with it.
    Wrong(String),
}

const COMMANDS: [&str; 10] = ["/tap", "/wait", "/send", "/why", "/vars", "/restart", "/save", "/help", "/quit", "/exit"];

/// What `/help` tells.
pub(super) const HELP: &str = "\
\x20 a text            what the contact types; the title of a button taps it
  1, 2, 3           taps that button of the last message
  /tap Prices       taps an older button, by its name or title
  /wait 2 h         time passes: 5 s, 20 min, 2 h, 3 days
  /send image       something that is no text: image, voice, location …
  /why              how the last answer came about
  /vars             what is remembered
  /save a name      makes a test of this conversation, in the file of its flow
  /restart          another contact, who has never written
  /quit             leaves
";

pub(super) fn read(line: &str) -> Input<'_> {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else {
        return match line.parse::<usize>() {
            _ if line.is_empty() => Input::Nothing,
            Ok(number) => Input::Number(number, line),
            Err(_) => Input::Type(line),
        };
    };
    let (name, rest) = command.split_once(char::is_whitespace).map_or((command, ""), |(name, rest)| (name, rest.trim()));
    match name {
        "wait" => duration(rest)
            .map_or_else(|| Input::Wrong("Write how long: /wait 20 min, /wait 2 h, /wait 3 days.".to_owned()), Input::Wait),
        "tap" if rest.is_empty() => Input::Wrong("Write which button: /tap Prices.".to_owned()),
        "tap" => Input::Tap(rest),
        "send" if rest.is_empty() => Input::Wrong("Write what: /send image, /send voice, /send location.".to_owned()),
        "send" => Input::Send(rest),
        "save" if rest.is_empty() => Input::Wrong("Write what it shows: /save a price for Kochi.".to_owned()),
        "save" => Input::Save(rest),
        "why" => Input::Why,
        "vars" => Input::Variables,
        "restart" => Input::Restart,
        "help" => Input::Help,
        "quit" | "exit" => Input::Quit,
        _ => {
            let near = nearest(&format!("/{name}"), COMMANDS).map_or(String::new(), |near| format!(" Did you mean {near}?"));
            Input::Wrong(format!("There is no /{name}.{near} /help tells what there is."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, read};

    #[test]
    fn lines_mean_what_they_look_like() {
        assert_eq!(read(" hi there "), Input::Type("hi there"));
        assert_eq!(read("2"), Input::Number(2, "2"));
        assert_eq!(read("/wait 20 min"), Input::Wait(1_200_000));
        assert_eq!(read("/save a price"), Input::Save("a price"));
        assert_eq!(read(""), Input::Nothing);
        assert!(matches!(read("/wait"), Input::Wrong(_)));
        assert!(matches!(read("/wyh"), Input::Wrong(why) if why.contains("/why")));
    }
}
