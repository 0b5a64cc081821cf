//! The content is held to what the format promises: links open, exercises can be solved and failed, weeks are whole.

use crate::author::{self, Authored};
use crate::condition::{Quantity, Value};
use crate::model::{Exercise, Figure, Part, Status};
use crate::{Snapshot, WeekText, weeks};
use descent_spec::message::EvalPoint;
use descent_spec::registry::Registry;
use descent_spec::schedule::SCHEDULES;
use descent_spec::training::OPTIMIZERS;
use descent_spec::{Activation, Cell, DataSet, Initializer, Lesson, Loss, link};
use std::collections::BTreeSet;

fn authored() -> Vec<Authored> {
    let mut files: Vec<(String, String)> = std::fs::read_dir("weeks")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    author::read_weeks(&files).unwrap()
}

/// The texts as the page fetches them, in the order of the weeks.
fn texts() -> Vec<WeekText> {
    weeks().iter().map(|week| WeekText::parse(&built(&week.file)).unwrap()).collect()
}

/// A file that the build left for the site.
fn built(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(concat!(env!("OUT_DIR"), "/texts")).join(name)).unwrap()
}

#[test]
fn the_build_holds_what_was_written() {
    let functions = author::read_functions("f.md", &std::fs::read_to_string("figures/activations.md").unwrap()).unwrap();
    let (written, files) = author::publish(authored(), &functions).unwrap();
    assert_eq!(weeks(), written);
    for (name, json) in &files {
        assert_eq!(built(name), *json, "{name}");
    }
    // Nothing else goes into the site: texts of earlier builds are gone.
    assert_eq!(std::fs::read_dir(concat!(env!("OUT_DIR"), "/texts")).unwrap().count(), files.len());
    assert_eq!(weeks().iter().map(|week| week.number).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
}

#[test]
fn every_link_opens_without_refusals() {
    let labs = weeks().iter().flat_map(|week| week.promises()).map(|(link, _)| link.to_owned());
    let mut refused = Vec::new();
    for link in labs.chain(authored().into_iter().flat_map(|it| it.examples).map(|example| example.link)) {
        let decoded = link::decode(&link);
        refused.extend(
            decoded.refusals.into_iter().map(|refusal| format!("{link}: {}={}: {}", refusal.key, refusal.value, refusal.why)),
        );
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_race_opens_without_refusals() {
    let races: Vec<_> = weeks().iter().flat_map(|week| &week.races).collect();
    assert!(!races.is_empty());
    for race in races {
        let decoded = descent_spec::contest::link::decode(&race.link);
        assert_eq!(decoded.refusals, [], "{}", race.link);
        assert!(race.link.starts_with(descent_spec::contest::link::PAGE), "{}", race.link);
    }
}

#[test]
fn open_weeks_are_whole_and_coming_ones_pretend_nothing() {
    for Authored { week, text, pieces, .. } in authored() {
        let name = format!("week {}", week.number);
        assert!(!week.theme.is_empty() && !text.sections.is_empty(), "{name} says nothing");
        if week.status == Status::Coming {
            assert!(week.exercises.is_empty() && text.questions.is_empty() && text.sections.len() == 1, "{name} pretends");
            continue;
        }
        let words: usize = pieces
            .iter()
            .map(|piece| match piece {
                author::Piece::Words(text) | author::Piece::Term(_, text, _) => text.split_whitespace().count(),
            })
            .sum();
        assert!((500..=1300).contains(&words), "{name} has {words} words");
        assert!((4..=6).contains(&text.questions.len()), "{name} has {} questions", text.questions.len());
        assert!((3..=6).contains(&week.exercises.len()), "{name} has {} exercises", week.exercises.len());
        assert!(text.goals.len() >= 3 && text.terms.len() >= 5 && text.reading.len() >= 3 && week.labs.len() >= 3, "{name}");
    }
}

/// The state an example of an exercise describes.
fn state_of(example: &author::Example) -> Snapshot {
    let experiment = link::decode(&example.link).experiment;
    let n_parameters = experiment.trace().unwrap().iter().map(|layer| layer.n_params).sum();
    let mut values = example.values.clone();
    let mut take = |name: &str| {
        let found = values.iter().position(|(key, _)| key == name);
        found.map(|idx| values.remove(idx).1 as f32)
    };
    let step = take("step").unwrap_or(0.0) as u64;
    let accuracy = take("validation_accuracy");
    let loss = take("validation_loss");
    let measured = accuracy.zip(loss).or(accuracy.map(|it| (it, 1.0 - it))).or(loss.map(|it| (f32::NAN, it)));
    let snapshot = Snapshot {
        experiment,
        n_parameters,
        step,
        epoch: take("epoch").unwrap_or(0.0) as u32,
        training_mistakes: take("training_mistakes").map(|count| count as u32),
        training_loss: take("training_loss"),
        validation: measured.map(|(accuracy, loss)| EvalPoint { step, loss, accuracy, count: 100 }),
        gradient_ratio: take("gradient_ratio"),
        has_diverged: take("diverged") == Some(1.0),
    };
    assert!(values.is_empty(), "{}: nothing reads {values:?}", example.exercise);
    snapshot
}

#[test]
fn exercises_know_what_solves_them_and_what_does_not() {
    let authored = authored();
    let exercises: Vec<&Exercise> = authored.iter().flat_map(|it| &it.week.exercises).collect();
    let mut wrong = Vec::new();
    for example in authored.iter().flat_map(|it| &it.examples) {
        let exercise = exercises.iter().find(|it| it.id == example.exercise).unwrap();
        let verdict = exercise.check(&state_of(example));
        if verdict.done != example.passes || !verdict.hint.ends_with(['.', '?']) {
            wrong.push(format!("{} with {example:?}: {verdict:?}", exercise.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A task that is solved as its lab opens is no task.
#[test]
fn no_exercise_is_solved_before_play() {
    for week in weeks() {
        for exercise in &week.exercises {
            let link = week.lab(&exercise.lab).unwrap().link.clone();
            let fresh = author::Example { exercise: exercise.id.clone(), passes: false, link, values: Vec::new() };
            assert!(!exercise.check(&state_of(&fresh)).done, "{}", exercise.id);
        }
    }
}

#[test]
fn conditions_name_what_exists() {
    let exercises = weeks().iter().flat_map(|week| &week.exercises);
    let conditions = exercises.flat_map(|it| it.check.iter().chain(it.advice.iter().flat_map(|advice| &advice.when)));
    for condition in conditions {
        let Value::Name(name) = &condition.value else { continue };
        let is_known = match condition.quantity {
            Quantity::DataSet => DataSet::parse(name).is_ok(),
            Quantity::Optimizer => OPTIMIZERS.iter().any(|entry| entry.id == name),
            Quantity::Schedule => SCHEDULES.iter().any(|entry| entry.id == name),
            Quantity::Activation => Activation::parse(name).is_ok() || name == "mixed" || name == "none",
            Quantity::Initializer => Initializer::parse(name).is_ok(),
            Quantity::Cell => Cell::parse(name).is_ok() || name == "mixed" || name == "none",
            Quantity::Loss => Loss::parse(name).is_ok(),
            _ => false,
        };
        assert!(is_known, "there is no {name}: {condition}");
    }
}

#[test]
fn every_figure_stands_between_text() {
    for figure in Figure::ALL {
        assert_eq!(Figure::parse(figure.id()), Ok(figure));
        let texts = texts();
        let section = texts.iter().flat_map(|text| &text.sections).find(|it| it.parts.contains(&Part::Figure(figure)));
        let section = section.unwrap_or_else(|| panic!("no week shows {}", figure.id()));
        // The words around it stay words.
        let html: String = section
            .parts
            .iter()
            .filter_map(|part| if let Part::Html(html) = part { Some(html.as_str()) } else { None })
            .collect();
        assert!(html.contains("<p>") && !html.contains("[figure"), "{}", section.title);
    }
}

#[test]
fn the_gallery_has_words_for_every_activation() {
    let is_gallery = |part: &Part| *part == Part::Figure(Figure::Activations);
    let texts = texts();
    for text in &texts {
        assert_eq!(!text.functions.is_empty(), text.sections.iter().any(|it| it.parts.iter().any(is_gallery)));
    }
    let week = texts.iter().find(|text| !text.functions.is_empty()).unwrap();
    for id in Activation::table().iter().map(|entry| entry.id).chain(["step"]) {
        let text = week.function(id).unwrap_or_else(|| panic!("figures/activations.md says nothing of {id}"));
        for formula in [&text.value_html, &text.slope_html] {
            assert!(formula.starts_with("<math aria-label=\"") && !formula.contains("merror"), "{formula}");
        }
        assert!(text.about_html.split_whitespace().count() >= 10, "{id}");
    }
    let complaint = |body: &str| author::read_functions("f.md", &format!("---\nfigure: activations\n---\n{body}")).unwrap_err();
    assert!(complaint("# Lab a\n").starts_with("f.md:4: a block here"));
    assert!(complaint("# Function relu\nvalue: z\n").contains("the field value in words is missing"));
    assert!(author::read_functions("f.md", "---\nfigure: other\n---\n").is_err());
}

/// A button whose sentence says nothing, or that opens another data set, is no set-up of its lab.
#[test]
fn variants_say_what_to_watch_and_stay_in_their_lab() {
    let set = |link: &str| link::decode(link).experiment.data.set;
    let mut seen = BTreeSet::new();
    for lab in weeks().iter().flat_map(|week| &week.labs) {
        for variant in &lab.variants {
            assert!(variant.says.split_whitespace().count() >= 8 && variant.says.ends_with('.'), "{}", variant.id);
            assert_eq!(set(&variant.link), set(&lab.link), "{}", variant.id);
            assert!(seen.insert(variant.link.clone()), "{} is the same as another", variant.id);
            assert_eq!(link::decode(&variant.link).lesson, Lesson::default(), "{}", variant.id);
        }
    }
    assert!(seen.len() >= 7);
}

#[test]
fn a_quiz_does_not_give_itself_away() {
    let texts = texts();
    let questions: Vec<_> = texts.iter().flat_map(|text| &text.questions).collect();
    let places: BTreeSet<_> = questions.iter().map(|it| it.choices.iter().position(|choice| choice.is_right)).collect();
    assert!(places.len() >= 3, "the right answer stands at the same place too often");
    for question in questions {
        assert_eq!(question.choices.iter().filter(|choice| choice.is_right).count(), 1, "{}", question.id);
        assert!(question.choices.iter().all(|choice| choice.why_html.split_whitespace().count() >= 4), "{}", question.id);
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    let head = "---\nnumber: 1\ntitle: T\ntheme: T\nstatus: open\n---\n";
    let complaint = |body: &str| author::read_weeks(&[("w.md".into(), format!("{head}{body}"))]).unwrap_err().join("; ");
    let lab = "# Lab a\ntitle: A\nwhy: B\nlink: mnist\nresult: validation_accuracy >= 0.9 within 10 steps, 1 s\n";
    for (body, says) in [
        ("# Txt\n", "w.md:7: there is no block Txt"),
        ("text", "w.md:7: this stands in no block"),
        ("# Text\n$x^2$\n", "w.md:8: the formula x^2 has no reading"),
        ("# Question q\nWhy?\n- [ ] a\n: because it is\n- [ ] b\n: because it is\n", "one of them right; here are 2 and 0"),
        ("# Question q\nWhy?\n- [x] a\n- [ ] b\n", "w.md:9: this choice has no explanation"),
        ("# Lab a\ntitle: A\n", "the field result is missing"),
        (
            "# Exercise e\ntitle: E\nlab: nowhere\ncheck: step > 1\npasses: mnist | step 2\nfails: mnist | step 0\n\nDo.\n",
            "no lab nowhere",
        ),
        ("# Exercise e\ntitle: E\nlab: a\ncheck: steps > 1\n\nDo.\n", "w.md:10: there is no quantity steps"),
        ("# Text\nSee\n[figure heat]\n", "w.md:9: there is no figure heat; there are: activations"),
        ("# Text\n[figure activations] and more\n", "w.md:8: a figure is written `[figure id]`"),
        (
            "# Exercise e\ntitle: E\nlab: a\ncheck: step > 1\n\nSee\n[figure activations]\n",
            "w.md:13: a figure stands in `# Text` only",
        ),
        ("# Text\nAn epoch. An {{epoch|one pass over the data}}.\n", "w.md:8: the term epoch was used before"),
    ] {
        assert!(complaint(body).contains(says), "{body}: {}", complaint(body));
    }
    let variant = "# Variant v\ngroup: G\ntitle: V\nsays: S.\nlink: mnist\nresult: gradient_ratio < 0.1 after 10 steps, 1 s\n";
    assert!(complaint(&format!("{lab}{variant}lab: b\n")).contains("w.md:18: no lab b stands above"));
    assert!(complaint(&format!("{lab}{variant}lab: a\n{variant}lab: a\n")).contains("the id v is used twice"));
    assert!(complaint(&format!("{lab}{lab}")).contains("the id a is used twice"));
    assert!(complaint(&format!("{lab}colour: red\n")).contains("there is no field colour"));
}

#[test]
fn a_file_is_named_after_what_is_in_it() {
    let file = |text: &str| {
        let head = "---\nnumber: 1\ntitle: T\ntheme: T\nstatus: open\n---\n# Text\n";
        let weeks = author::read_weeks(&[("w.md".into(), format!("{head}{text}\n"))]).unwrap();
        author::publish(weeks, &[]).unwrap().1.remove(0)
    };
    let (name, json) = file("One word.");
    // Twelve hexadecimal digits of `sha256sum`, of this very text.
    assert_eq!(
        json,
        r#"{"goals":[],"sections":[{"title":"","parts":[{"html":"<p>One word.</p>\n"}]}],"terms":[],"questions":[],"reading":[],"functions":[]}"#
    );
    assert_eq!(name, "week-1-a71f18c62e31.json");
    assert_eq!(file("One word."), (name.clone(), json));
    assert_ne!(file("Two words.").0, name);
}

#[test]
fn what_is_no_text_of_a_week_is_refused() {
    for json in ["", "<!doctype html>", "{}", "[]", r#"{"goals":[]}"#] {
        assert!(WeekText::parse(json).is_err(), "{json}");
    }
    let text = built(&weeks()[0].file);
    assert!(WeekText::parse(&text[..text.len() / 2]).is_err(), "half a file");
}
