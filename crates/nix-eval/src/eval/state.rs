//! What the layers above remember in an evaluator: each a type of its own, which no other layer sees.

use std::any::Any;

/// What one layer remembers.
pub(crate) trait State: Any {
    /// How many bytes that takes, roughly.
    fn memory(&self) -> usize {
        0
    }
}

/// The states of all layers, one of each type.
#[derive(Default)]
pub(crate) struct States(Vec<Box<dyn State>>);

impl States {
    /// Adds the state of a layer. It takes the place of what the layer had.
    pub(crate) fn add<S: State>(&mut self, state: S) {
        self.0.retain(|known| !is::<S>(&**known));
        self.0.push(Box::new(state));
    }

    /// How many bytes all of them take, roughly.
    pub(super) fn memory(&self) -> usize {
        self.0.iter().map(|state| state.memory()).sum()
    }

    #[expect(
        clippy::expect_used,
        reason = "an evaluator is made with the states of all layers"
    )]
    pub(super) fn get<S: State>(&self) -> &S {
        let mut states = self.0.iter();
        states
            .find_map(|state| (&**state as &dyn Any).downcast_ref())
            .expect("the layer's state")
    }

    #[expect(
        clippy::expect_used,
        reason = "an evaluator is made with the states of all layers"
    )]
    pub(super) fn get_mut<S: State>(&mut self) -> &mut S {
        let mut states = self.0.iter_mut();
        states
            .find_map(|state| (&mut **state as &mut dyn Any).downcast_mut())
            .expect("the layer's state")
    }
}

fn is<S: State>(state: &dyn State) -> bool {
    (state as &dyn Any).is::<S>()
}
