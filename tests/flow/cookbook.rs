//! The cookbook: every recipe is a whole project without a single remark, and its conversations go as written.

use buttonhook::flow::compile;
use buttonhook::scenario;
use buttonhook::source::{Sources, render_human};

const COOKBOOK: &str = include_str!("../../docs/cookbook.md");
/// Recipes that must be there.
const RECIPES_MIN: usize = 12;

/// The files of a recipe: each block's first line names its path in a comment. Data files cannot hold comments and are taken without it.
fn files(recipe: &str) -> Vec<(String, String)> {
    let blocks = recipe.split("```").skip(1).step_by(2);
    let project = blocks.filter(|block| !block.starts_with("sh\n"));
    let file = |block: &str| {
        let (language, text) = block.split_once('\n').expect("a block has a language");
        let (first, rest) = text.split_once('\n').expect("a block has lines");
        let path = first.trim_start_matches(['#', '/', ' ']);
        assert!(path.starts_with("flows/") || path.starts_with("scripts/"), "a block without its path:\n{block}");
        (path.to_owned(), if language == "csv" { rest } else { text }.to_owned())
    };
    project.map(file).collect()
}

#[test]
fn every_recipe_is_right_and_does_what_it_says() {
    let recipes: Vec<&str> = COOKBOOK.split("\n## ").skip(1).collect();
    assert!(recipes.len() >= RECIPES_MIN, "only {} recipes", recipes.len());
    for recipe in recipes {
        let title = recipe.lines().next().unwrap_or_default();
        let files = files(recipe);
        let sources = Sources::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let (program, found) = compile(&sources);
        assert!(found.is_empty(), "{title}:\n{}", render_human(&sources, &found, false));
        let program = program.expect("nothing is wrong with it");
        let mut played = 0;
        for flow in program.flows() {
            let (scenarios, wrong) = scenario::read(&program, flow);
            assert!(wrong.is_empty(), "{title}:\n{}", render_human(&sources, &wrong, false));
            for scenario in scenarios {
                let done = scenario::play(&program, flow, &scenario);
                assert!(done.failure.is_none(), "{title} / {}: {:#?}\n{:#?}", scenario.name, done.failure, done.said);
                played += 1;
            }
        }
        assert!(played > 0, "{title} has no conversation");
    }
}
