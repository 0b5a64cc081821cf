//! A contest of optimizers: the same start and the same gradients' source for all, and a learning rate for each.
//!
//! What runs is plain data like an experiment, and travels in links ([`link`]).

pub mod link;
mod surface;

pub use surface::{Surface, SurfaceFacts};

use crate::data::DataSet;
use crate::experiment::Experiment;
use crate::layer::LayerSpec;
use crate::registry::Registry;
use crate::training::{MAX_LEARNING_RATE, OPTIMIZERS, OptimizerSpec};
use serde::{Deserialize, Serialize};

/// Most racers: one for each optimizer.
pub const MAX_RACERS: usize = 7;
/// Most steps of each racer: a small net takes some 0.2 ms for one, so that seven are done with them in seconds.
pub const MAX_STEPS: u32 = 2_000;
/// Most parameters of a net whose paths are kept: 7 racers × 101 places × 10,000 numbers are 28 MB.
pub const MAX_PARAMETERS: usize = 10_000;
/// Places of a path that are kept, beside its start.
pub const PATH_PLACES: u32 = 100;
/// Points along each side of the slice through a net's loss.
pub const SLICE_SIDE: u32 = 41;

/// Rates for the small nets of the planar labs, in the order of [`OPTIMIZERS`]. With them all seven read more than
/// 85 % of the moons' validation points after 300 steps with each of three seeds (nine rates from 0.003 to 1 were tried on the engine).
const NET_RATES: [f64; 7] = [0.3, 0.1, 0.1, 0.3, 0.03, 0.05, 0.05];

/// One optimizer with its rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Racer {
    /// The update rule.
    pub optimizer: OptimizerSpec,
    /// Step size, in `(0, 10]`.
    pub learning_rate: f64,
}

/// Where it is raced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arena {
    /// Two parameters on a surface with a formula.
    Surface {
        /// Which.
        surface: Surface,
        /// Where all start, `(x, y)`.
        start: (f64, f64),
    },
    /// The weights of a net on points of a plane. Its own optimizer and rate count for nothing; all else is the same for every
    /// racer: points, first weights, order of the batches, penalties.
    Net {
        /// What is trained.
        experiment: Box<Experiment>,
    },
}

/// A contest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contest {
    /// Where.
    pub arena: Arena,
    /// Who: one to seven, no optimizer twice.
    pub racers: Vec<Racer>,
    /// Steps of each, in `1..=2000`.
    pub steps: u32,
}

impl Arena {
    /// A surface from its usual start.
    pub fn surface(surface: Surface) -> Arena {
        Arena::Surface { surface, start: surface.facts().start }
    }

    /// A net.
    pub fn net(experiment: Experiment) -> Arena {
        Arena::Net { experiment: Box::new(experiment) }
    }

    /// A rate for each row of [`OPTIMIZERS`] with which it gets somewhere here.
    pub fn rates(&self) -> [f64; 7] {
        match self {
            Arena::Surface { surface, .. } => surface.facts().rates,
            Arena::Net { .. } => NET_RATES,
        }
    }

    /// Why nothing can be raced here.
    fn check(&self) -> Result<(), String> {
        match self {
            Arena::Surface { surface, start: (x, y) } => {
                let [left, right, low, high] = surface.facts().view;
                match (left..=right).contains(x) && (low..=high).contains(y) {
                    true => Ok(()),
                    false => Err(format!("The start must lie in the picture: x from {left} to {right}, y from {low} to {high}.")),
                }
            }
            Arena::Net { experiment } => check_net(experiment),
        }
    }
}

impl Default for Contest {
    /// All seven in the long bowl.
    fn default() -> Contest {
        Contest::on(Arena::surface(Surface::Bowl))
    }
}

impl Contest {
    /// All seven with the rates that suit the arena.
    pub fn on(arena: Arena) -> Contest {
        let racers = OPTIMIZERS.iter().zip(arena.rates());
        let racers = racers.map(|(entry, learning_rate)| Racer { optimizer: entry.value, learning_rate }).collect();
        Contest { arena, racers, steps: 300 }
    }

    /// Whether it can be held.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn check(&self) -> Result<(), String> {
        if self.racers.is_empty() || self.racers.len() > MAX_RACERS {
            return Err(format!("A race needs 1 to {MAX_RACERS} racers."));
        }
        for (idx, racer) in self.racers.iter().enumerate() {
            let entry = racer.optimizer.entry();
            if self.racers[..idx].iter().any(|other| other.optimizer.entry().id == entry.id) {
                return Err(format!("{} is in the race twice.", entry.label));
            }
            if !(racer.learning_rate > 0.0 && racer.learning_rate <= MAX_LEARNING_RATE) {
                return Err(format!("The rate of {} must be greater than 0 and at most {MAX_LEARNING_RATE}.", entry.label));
            }
        }
        if !(1..=MAX_STEPS).contains(&self.steps) {
            return Err(format!("A race has 1 to {MAX_STEPS} steps."));
        }
        self.arena.check()
    }
}

/// Only nets whose every number is a weight: batch norm's running statistics would be none, and pictures are too slow for seven.
fn check_net(experiment: &Experiment) -> Result<(), String> {
    if !experiment.data.set.is_planar() {
        let sets = [DataSet::Circle, DataSet::Moons, DataSet::Spiral].map(DataSet::id).join(", ");
        return Err(format!("Races are for points of a plane ({sets} and so on): seven nets on pictures would take minutes."));
    }
    let layers = experiment.trace().map_err(|err| err.to_string())?;
    if !layers
        .iter()
        .all(|it| matches!(it.layer, LayerSpec::Dense { .. } | LayerSpec::Dropout { .. } | LayerSpec::Activate { .. }))
    {
        return Err("A race needs a net of dense layers, activations and dropout: other layers keep more than weights.".into());
    }
    let n_parameters: usize = layers.iter().map(|layer| layer.n_params).sum();
    if n_parameters > MAX_PARAMETERS {
        return Err(format!("This net has {n_parameters} parameters, and races are kept for nets of at most {MAX_PARAMETERS}."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::decode;

    #[test]
    fn what_can_be_raced_and_what_not() {
        let net = |link: &str| Contest::on(Arena::net(decode(link).experiment));
        assert_eq!(
            [Contest::default().check(), net("moons").check(), net("hill?layers=dense:8:relu,drop:0.1").check()],
            [Ok(()), Ok(()), Ok(())]
        );
        let refused = |contest: Contest| contest.check().unwrap_err();
        assert!(refused(net("mnist")).contains("pictures"));
        assert!(refused(net("moons?layers=dense:4:tanh,bn")).contains("other layers"));
        assert!(refused(net("moons?layers=dense:100:tanh,dense:100:tanh")).contains("10501 parameters"));
        assert!(refused(Contest { steps: 0, ..Contest::default() }).contains("1 to 2000 steps"));
        assert!(refused(Contest { racers: Vec::new(), ..Contest::default() }).contains("1 to 7 racers"));
        let away = Arena::Surface { surface: Surface::Bowl, start: (99.0, f64::NAN) };
        assert!(refused(Contest::on(away)).contains("x from -5 to 5"));
        let mut contest = Contest::default();
        contest.racers[2].learning_rate = f64::NAN;
        assert!(refused(contest.clone()).contains("rate of Nesterov"));
        contest.racers[2] = contest.racers[0];
        assert!(refused(contest).contains("SGD is in the race twice"));
    }
}
