//! What a teacher's link keeps from its readers: `hide=lr,seed&lock=layers` behind the experiment.
//!
//! It is no part of the experiment: hidden or not, the same experiment gives the same losses. It guides and does not guard; who
//! edits the address is free. There is no control for a curve, an evaluation or a table: nothing here can hide a result.

use crate::data::{DataSet, Kind, Task};
use crate::experiment::Experiment;
use crate::link::{FIELDS, Field, presets};
use crate::registry::{Entry, Registry};
use std::collections::BTreeMap;

/// Something on the page that a teacher's link can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Control {
    /// Which set of points.
    Data,
    /// How many points.
    Points,
    /// How noisy they are.
    Noise,
    /// In how many classes.
    Classes,
    /// What of a point the net is given.
    Features,
    /// Setting, moving and erasing own points.
    Own,
    /// Bringing an own series.
    Values,
    /// Steps of a window.
    Window,
    /// How far ahead a series is foretold.
    Horizon,
    /// Share held out for validation.
    Validation,
    /// The ready models.
    Model,
    /// The stack of layers.
    Layers,
    /// How first weights are drawn.
    Initializer,
    /// What is made small.
    Loss,
    /// Update rule and its numbers.
    Optimizer,
    /// Step size.
    LearningRate,
    /// How the step size changes.
    Schedule,
    /// Examples in a step.
    Batch,
    /// Penalty on the weights' sizes.
    L1,
    /// Penalty on their squares.
    L2,
    /// When Play stops.
    Epochs,
    /// Source of every random draw, and the button for another.
    Seed,
    /// Where it runs.
    Device,
    /// How many cores of the processor share the work.
    Cores,
    /// Setting single weights by hand.
    Weights,
    /// One example followed through the net.
    Follow,
    /// The experiment as a program.
    Code,
}

impl Registry for Control {
    const WHAT: &'static str = "control";

    fn table() -> &'static [Entry<Self>] {
        const fn row(value: Control, id: &'static str, label: &'static str, about: &'static str) -> Entry<Control> {
            Entry { value, id, label, about }
        }
        // Where a control is a field of the link, it has the field's key.
        const TABLE: &[Entry<Control>] = &[
            row(Control::Data, "data", "Data set", "which set of points"),
            row(Control::Points, "points", "Points", "how many"),
            row(Control::Noise, "noise", "Noise", "how noisy the points are"),
            row(Control::Classes, "classes", "Classes", "how many"),
            row(Control::Features, "features", "Features", "what of a point the net is given"),
            row(Control::Own, "own", "Own points", "setting, moving and erasing them"),
            row(Control::Values, "values", "Own series", "bringing and pasting it"),
            row(Control::Window, "window", "Window", "how many steps the net is given"),
            row(Control::Horizon, "horizon", "Horizon", "how far ahead the series is foretold"),
            row(Control::Validation, "val", "Validation share", "how much is held out"),
            row(Control::Model, "model", "Ready models", "models with a name"),
            row(Control::Layers, "layers", "Layers", "their kinds, sizes and order"),
            row(Control::Initializer, "init", "Initializer", "how first weights are drawn"),
            row(Control::Loss, "loss", "Loss function", "the choice of what is made small"),
            row(Control::Optimizer, "opt", "Optimizer", "the rule and its numbers"),
            row(Control::LearningRate, "lr", "Learning rate", "box and slider"),
            row(Control::Schedule, "schedule", "Schedule", "how the learning rate changes"),
            row(Control::Batch, "batch", "Batch size", "examples in a step"),
            row(Control::L1, "l1", "L1", "penalty"),
            row(Control::L2, "l2", "L2", "penalty"),
            row(Control::Epochs, "epochs", "Epochs", "when Play stops"),
            row(Control::Seed, "seed", "Seed", "and New seed"),
            row(Control::Device, "device", "Device", "where it runs"),
            row(Control::Cores, "cores", "Cores", "whether several share a step"),
            row(Control::Weights, "weights", "Weights by hand", "setting single weights"),
            row(Control::Follow, "follow", "Follow one example", "the panel of sums and gradients"),
            row(Control::Code, "code", "The same in code", "the programs"),
        ];
        TABLE
    }
}

impl Control {
    /// Whether locking it says more than hiding it: what is only read cannot be locked.
    pub fn can_lock(self) -> bool {
        !matches!(self, Control::Follow | Control::Code)
    }

    /// Whether the page of this set has it.
    pub fn suits(self, set: DataSet) -> bool {
        match self {
            Control::Data => set.is_planar() || set.kind() == Kind::Series,
            Control::Features | Control::Weights | Control::Follow => set.is_planar(),
            Control::Points | Control::Noise => set.is_drawn(),
            Control::Classes => set.has_class_choice(),
            Control::Own => set == DataSet::Own,
            Control::Values => set == DataSet::OwnSeries,
            Control::Window => set.window_bounds().is_some(),
            Control::Horizon => set.kind() == Kind::Series,
            Control::Model => !presets(set).is_empty(),
            Control::Loss => set.is_planar() && set.task() == Task::Classification,
            _ => true,
        }
    }
}

/// What happens to a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Shown, and cannot be changed.
    Locked,
    /// Not in the page at all.
    Hidden,
}

/// The rules of one link; a control without one is free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lesson {
    rules: BTreeMap<Control, Rule>,
}

impl Lesson {
    /// What the link says of this control.
    pub fn rule(&self, control: Control) -> Option<Rule> {
        self.rules.get(&control).copied()
    }

    /// Gives a control a rule, or sets it free. What cannot be locked stays as it is when asked to.
    pub fn set(&mut self, control: Control, rule: Option<Rule>) {
        match rule {
            Some(Rule::Locked) if !control.can_lock() => {}
            Some(rule) => drop(self.rules.insert(control, rule)),
            None => drop(self.rules.remove(&control)),
        }
    }

    /// Puts back what an edit of something else has changed along with it, as another data set brings numbers of its own.
    pub fn keep(&self, before: &Experiment, after: &mut Experiment) {
        let is_ruled = |field: &&Field| Control::parse(field.key).is_ok_and(|control| self.rule(control).is_some());
        let suits = |field: &&Field| (field.suits)(before.data.set) && (field.suits)(after.data.set);
        let kept: Vec<&Field> = FIELDS.iter().filter(is_ruled).filter(suits).collect();
        for field in kept {
            // What does not fit the new set is left as the set has it.
            let _ = (field.set)(after, &(field.get)(before));
        }
    }

    /// The fields it adds to a link: `hide=seed&lock=lr,opt`, or none.
    pub(crate) fn fields(&self) -> Vec<String> {
        let field = |(key, rule): &(&str, Rule)| {
            let ids: Vec<_> = self.rules.iter().filter(|(_, own)| *own == rule).map(|(control, _)| control.id()).collect();
            (!ids.is_empty()).then(|| format!("{key}={}", ids.join(",")))
        };
        KEYS.iter().filter_map(field).collect()
    }

    /// Takes over the controls named in one field. Those that are unknown are told; the others count all the same, for a slip in
    /// one name must not lay everything open. What is hidden already stays hidden.
    pub(crate) fn read(&mut self, rule: Rule, text: &str) -> Result<(), String> {
        let mut problems = Vec::new();
        for id in text.split(',') {
            match Control::parse(id) {
                Ok(control) if rule == Rule::Locked && !control.can_lock() => {
                    problems.push(format!("{id} can only be hidden"));
                }
                Ok(control) if self.rule(control).is_none() => self.set(control, Some(rule)),
                Ok(_) => {}
                Err(_) => problems.push(format!("there is no control {}", shortened(id))),
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        const MOST: usize = 3;
        let surplus = problems.len().saturating_sub(MOST);
        problems.truncate(MOST);
        if surplus > 0 {
            problems.push(format!("and {surplus} more like this"));
        }
        Err(format!("{} (the known names count; they are {})", problems.join(", "), known()))
    }
}

/// The keys in links, in the order they are written and read.
pub(crate) const KEYS: [(&str, Rule); 2] = [("hide", Rule::Hidden), ("lock", Rule::Locked)];

fn known() -> String {
    Control::table().iter().map(|entry| entry.id).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Decoded, decode};
    use crate::registry::check_table;

    const ALL: [Control; 27] = [
        Control::Data,
        Control::Points,
        Control::Noise,
        Control::Classes,
        Control::Features,
        Control::Own,
        Control::Values,
        Control::Window,
        Control::Horizon,
        Control::Validation,
        Control::Model,
        Control::Layers,
        Control::Initializer,
        Control::Loss,
        Control::Optimizer,
        Control::LearningRate,
        Control::Schedule,
        Control::Batch,
        Control::L1,
        Control::L2,
        Control::Epochs,
        Control::Seed,
        Control::Device,
        Control::Cores,
        Control::Weights,
        Control::Follow,
        Control::Code,
    ];

    #[test]
    fn every_control_has_one_row() {
        check_table(&ALL);
    }

    /// A field of the link that nobody could lock would be a hole in every lesson.
    #[test]
    fn every_field_of_the_link_is_a_control() {
        for field in FIELDS {
            let control = Control::parse(field.key).unwrap_or_else(|why| panic!("{}: {why}", field.key));
            assert!(control.can_lock(), "{}", field.key);
            for set in DataSet::table() {
                assert_eq!(control.suits(set.value), (field.suits)(set.value), "{} on {}", field.key, set.id);
            }
        }
    }

    #[test]
    fn names_that_are_not_known_are_told_and_the_others_count() {
        let decoded = decode("xor?hide=seed,colour&lock=lr,code,seed&seed=7");
        assert_eq!(decoded.experiment.seed, 7);
        assert_eq!(decoded.lesson.rule(Control::Seed), Some(Rule::Hidden));
        assert_eq!(decoded.lesson.rule(Control::LearningRate), Some(Rule::Locked));
        assert_eq!(decoded.lesson.rule(Control::Code), None);
        let told: Vec<_> = decoded.refusals.iter().map(|it| (it.key.as_str(), it.why.split(" (").next().unwrap())).collect();
        assert_eq!(told, [("hide", "there is no control colour"), ("lock", "code can only be hidden")]);
        let many = decode("mnist?lock=a,b,c,d,e").refusals;
        assert!(many[0].why.starts_with("there is no control a, there is no control b, there is no control c, and 2 more"));
        assert_eq!(decode("mnist?hide=").refusals.len(), 1);
        assert_eq!(decode("mnist?hide=lr&hide=opt").refusals[0].why, "the field was given twice, and the first counts");
    }

    #[test]
    fn what_is_ruled_stays_when_something_else_brings_its_own() {
        let Decoded { experiment: before, lesson, .. } = decode("spiral?noise=0.2&val=0.3&classes=4&lock=noise,val&hide=classes");
        let mut after = Experiment { data: crate::DataSpec::for_set(DataSet::Gaussians), ..before.clone() };
        lesson.keep(&before, &mut after);
        assert_eq!((after.data.noise, after.data.validation, after.data.n_classes), (0.2, 0.3, 4));
        after.data = crate::DataSpec::for_set(DataSet::Circle);
        lesson.keep(&before, &mut after);
        assert_eq!((after.data.noise, after.data.n_classes), (0.2, 2), "a circle has two classes, whatever is hidden");
    }

    /// Curves, evaluations and their tables are no controls: a link cannot name them. (`loss` is the choice of what is made small.)
    #[test]
    fn no_result_can_be_hidden() {
        for result in ["curve", "curves", "accuracy", "validation", "test", "results", "evaluation", "gradients", "table"] {
            assert_eq!(decode(&format!("mnist?hide={result}")).refusals.len(), 1, "{result}");
        }
    }
}
