//! `buttonhook graph`: flows as pictures.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::flow::{Flow, Program};
use crate::graph;
use crate::source::{nearest, render_human};

use super::check::{Whole, whole};
use super::style::say;
use super::{EXIT_OK, EXIT_PROJECT, EXIT_START, EXIT_USAGE, Global, ProjectArgument, wrong};

/// What `graph` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// The flow; without it every flow, each into a file of its own
    #[arg(long, value_name = "FLOW")]
    flow: Option<String>,
    /// What is written
    #[arg(long, value_enum, default_value = "svg")]
    format: Format,
    /// The file, or with several flows the directory, to write to
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A picture that browsers show.
    Svg,
    /// Text that Mermaid draws, on GitHub for example.
    Mermaid,
    /// Text that Graphviz draws.
    Dot,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Mermaid => "mmd",
            Format::Dot => "dot",
        }
    }

    fn draw(self, flow: &Flow) -> String {
        match self {
            Format::Svg => graph::svg(flow),
            Format::Mermaid => graph::mermaid(flow),
            Format::Dot => graph::dot(flow),
        }
    }
}

/// Draws one flow to standard output or a file, or all of them into files.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let Whole { sources, program, diagnostics, .. } = match whole(&arguments.project.project) {
        Ok(found) => found,
        Err(why) => return wrong(EXIT_PROJECT, &why.to_string()),
    };
    let Some(program) = program else {
        eprint!("{}", render_human(&sources, &diagnostics, global.color.is_on(&std::io::stderr())));
        return EXIT_PROJECT;
    };
    let flows: Vec<&Flow> = match &arguments.flow {
        None => program.flows().collect(),
        Some(name) => match program.flows().find(|flow| flow.name.as_str() == name) {
            Some(flow) => vec![flow],
            None => return wrong(EXIT_USAGE, &unknown(&program, name)),
        },
    };
    match (flows.as_slice(), &arguments.output) {
        ([flow], None) => {
            say(&arguments.format.draw(flow));
            EXIT_OK
        }
        ([flow], Some(path)) if !path.is_dir() => write(path, &arguments.format.draw(flow)),
        (_, directory) => {
            let directory = directory.clone().unwrap_or_else(|| PathBuf::from("."));
            if let Err(why) = fs::create_dir_all(&directory) {
                return wrong(EXIT_START, &format!("`{}` cannot be made: {why}", directory.display()));
            }
            let path = |flow: &Flow| directory.join(format!("{}.{}", flow.name, arguments.format.ending()));
            flows.iter().map(|flow| write(&path(flow), &arguments.format.draw(flow))).max().unwrap_or(EXIT_OK)
        }
    }
}

fn unknown(program: &Program, name: &str) -> String {
    let near = nearest(name, program.flows().map(|flow| flow.name.as_str()));
    format!("there is no flow `{name}`.{}", near.map_or(String::new(), |near| format!(" Did you mean `{near}`?")))
}

fn write(path: &PathBuf, text: &str) -> u8 {
    match fs::write(path, text) {
        Ok(()) => {
            say(&format!("{}\n", path.display()));
            EXIT_OK
        }
        Err(why) => wrong(EXIT_START, &format!("`{}` cannot be written: {why}", path.display())),
    }
}
