//! Tidiness that the compiler does not check: few rules, no list of exceptions.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the sources has failed")]

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 500;

/// Words that say nothing in a name, and what to do instead.
const EMPTY_NAMES: [&str; 6] = ["Manager", "Helper", "Util", "Processor", "Misc", "Handler"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if name.ends_with(".rs") {
            found.push(path);
        }
    }
}

/// Lines of the sources that break a rule, as `file:line: text`.
fn offences(breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    assert!(files.len() > 100, "the walk must see the sources: {}", files.len());
    let this = Path::new(file!()).file_name().unwrap();
    files.retain(|file| file.file_name() != Some(this));
    let lines = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<(usize, String)> = text.lines().map(str::to_owned).enumerate().collect();
        lines.into_iter().map(move |(at, line)| (file, at + 1, line))
    });
    lines
        .filter(|(_, _, line)| breaks(line))
        .map(|(file, at, line)| format!("{}:{at}: {}", file.display(), line.trim()))
        .collect()
}

#[test]
fn no_file_answers_more_than_one_screenful_of_questions() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let long: Vec<String> = files
        .iter()
        .map(|file| (fs::read_to_string(file).unwrap().lines().count(), file))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, file)| {
            format!("{} has {lines} lines: split it by the question it answers", file.display())
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_name_says_nothing() {
    let found = offences(|line| {
        let declares =
            ["struct ", "enum ", "trait ", "mod ", "type "].iter().any(|word| line.contains(word));
        declares
            && !line.trim_start().starts_with("//")
            && EMPTY_NAMES.iter().any(|word| line.contains(word))
    });
    assert!(found.is_empty(), "say what it is, not what it is made of: {found:#?}");
}

#[test]
fn no_test_is_switched_off_or_expected_to_panic() {
    let found = offences(|line| line.contains("#[ignore") || line.contains("#[should_panic"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_work_is_left_as_a_remark() {
    let found =
        offences(|line| ["TODO", "FIXME", "XXX", "HACK"].iter().any(|word| line.contains(word)));
    assert!(found.is_empty(), "make it an issue or a decision file: {found:#?}");
}

#[test]
fn the_wall_clock_is_read_in_one_file() {
    let found = offences(|line| line.contains("SystemTime::now") || line.contains("Instant::now"));
    // What measures speed, under benches and examples, has to read a clock.
    let elsewhere: Vec<&String> = found
        .iter()
        .filter(|at| at.contains("/src/") && !at.contains("hindsight/src/clock.rs"))
        .collect();
    assert!(elsewhere.is_empty(), "time arrives with events: {elsewhere:#?}");
}

/// Arrows only go down: what each room may know of the others.
const ROOMS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("stats", &[]),
    ("laws", &["domain", "stats"]),
    ("scenarios", &["domain", "stats", "laws"]),
    ("forecast", &["domain", "stats", "laws"]),
    ("decide", &["domain", "stats", "laws"]),
    ("learn", &["domain", "stats", "laws"]),
    ("evolve", &["domain", "stats", "laws"]),
    ("engine", &["domain", "stats", "laws", "forecast", "decide", "learn", "evolve"]),
    ("models", &["domain", "stats"]),
    ("market", &["domain"]),
    ("store", &["domain"]),
    ("venue", &["domain", "laws"]),
];

#[test]
fn arrows_between_rooms_only_go_down() {
    let names: Vec<&str> = ROOMS.iter().map(|(name, _)| *name).chain(["hindsight"]).collect();
    for (room, may_know) in ROOMS {
        let manifest =
            fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).unwrap();
        let section =
            manifest.split("[dependencies]").nth(1).unwrap_or("").split("\n[").next().unwrap();
        for line in section.lines() {
            let known = line.split(['.', ' ', '=']).next().unwrap();
            let is_room = names.contains(&known);
            assert!(!is_room || may_know.contains(&known), "{room} must not know {known}");
        }
    }
}

#[test]
fn every_pure_room_bans_clocks_files_and_unordered_maps() {
    for room in
        ["domain", "stats", "laws", "scenarios", "forecast", "decide", "learn", "evolve", "engine"]
    {
        let path = root().join("crates").join(room).join("clippy.toml");
        let bans = fs::read_to_string(&path).unwrap();
        for ban in
            ["SystemTime::now", "Instant::now", "std::fs::", "HashMap", "f64::exp", "f64::powf"]
        {
            assert!(bans.contains(ban), "{} does not ban {ban}", path.display());
        }
    }
}
