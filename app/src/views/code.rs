//! The experiment as a program, in four dialects: to read, to copy, to take away.

use crate::keyboard::write_clipboard;
use crate::state::Lab;
use descent_export::{Dialect, agreement::agreement, code, file_name};
use descent_spec::LayerSpec;
use descent_spec::registry::Registry;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A fold with the code of the experiment as it is set up now; nothing is written while it is closed.
#[component]
pub fn CodeView() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let is_open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<Dialect>);
    // Until the visitor chooses, the first dialect that has this experiment.
    let dialect = Memo::new(move |_| {
        let first_possible = || {
            let has_it = |dialect: &Dialect| code(&lab.experiment.read(), *dialect).is_ok();
            Dialect::table().iter().map(|entry| entry.value).find(has_it)
        };
        chosen.get().or_else(|| is_open.get().then(first_possible).flatten()).unwrap_or(Dialect::NumPy)
    });
    let text = Memo::new(move |_| is_open.get().then(|| code(&lab.experiment.read(), dialect.get()).map_err(|why| why.0)));
    view! {
        <details class="code-view" on:toggle=move |event| is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"))>
            <summary>
                <h2>"The same in code"</h2>
            </summary>
            <div class="segments" role="radiogroup" aria-label="Framework">
                {Dialect::table()
                    .iter()
                    .map(|entry| {
                        view! {
                            <label title=entry.about>
                                <input
                                    type="radio"
                                    name="dialect"
                                    prop:checked=move || dialect.get() == entry.value
                                    on:change=move |_| chosen.set(Some(entry.value))
                                />
                                {entry.label}
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            {move || match text.get() {
                None => ().into_any(),
                Some(Err(why)) => view! { <p class="problem">{why}</p> }.into_any(),
                Some(Ok(text)) => view! { <Program dialect=dialect.get() text/> }.into_any(),
            }}
        </details>
    }
}

/// One program with what can be done with it.
#[component]
fn Program(
    /// What it is written in.
    dialect: Dialect,
    /// The whole file.
    text: String,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let file = file_name(&lab.experiment.read_untracked(), dialect);
    let has_dropout = lab
        .experiment
        .with_untracked(|experiment| experiment.model.layers.iter().any(|layer| matches!(layer, LayerSpec::Dropout { .. })));
    // An address that holds the file itself: it needs no server, and no clean-up.
    let address = format!("data:text/plain;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&text)));
    let shown = pieces(&text, dialect.comment())
        .into_iter()
        .map(|(is_comment, piece)| match is_comment {
            true => view! { <span class="comment">{piece}</span> }.into_any(),
            false => piece.into_any(),
        })
        .collect_view();
    let copy = move |_| copy(lab, dialect, text.clone());
    view! {
        <div class="view-head">
            <p class="subject">{file.clone()}</p>
            <div class="view-tools">
                <button type="button" class="text-button" on:click=copy>"Copy code"</button>
                <a class="text-button" href=address download=file>"Download"</a>
            </div>
        </div>
        <pre tabindex="0" role="region" aria-label=format!("{} code", dialect.label())><code>{shown}</code></pre>
        <p class="about">{measured(dialect, has_dropout)}</p>
    }
}

fn copy(lab: Lab, dialect: Dialect, text: String) {
    spawn_local(async move {
        match write_clipboard(&text).await {
            Some(()) => lab.say(format!("The {} code is copied.", dialect.label())),
            None => lab.alert("The browser did not let the page copy. Download the code, or select it and copy it by hand."),
        }
    });
}

/// How well the code agrees with the page, in words.
fn measured(dialect: Dialect, has_dropout: bool) -> String {
    let it = agreement(dialect);
    let dropout = match has_dropout {
        true => " Not with dropout, which draws other units in every program.",
        false => "",
    };
    format!(
        "Started from the page's weights and fed its batches, this code gives the page's losses. Measured over {} steps of {} \
         experiments: at most {:e} apart relative to their value, {:e} for the labs as they open.{dropout}",
        it.n_steps, it.n_experiments, it.largest, it.presets
    )
}

/// The text cut into comments (true) and code (false); together they are the text.
fn pieces(text: &str, mark: &str) -> Vec<(bool, String)> {
    let mut out: Vec<(bool, String)> = Vec::new();
    let mut push = |is_comment: bool, piece: &str| match out.last_mut() {
        Some((kind, all)) if *kind == is_comment => all.push_str(piece),
        _ => out.push((is_comment, piece.to_owned())),
    };
    let mut in_docstring = false;
    for line in text.split_inclusive('\n') {
        let n_quotes = line.matches("\"\"\"").count();
        let is_docstring = in_docstring || n_quotes > 0;
        in_docstring ^= n_quotes == 1;
        if is_docstring || line.trim_start().starts_with(mark) {
            push(true, line);
            continue;
        }
        let (code, comment) = line.split_at(line.find(&format!("  {mark} ")).unwrap_or(line.len()));
        push(false, code);
        if !comment.is_empty() {
            push(true, comment);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_code() {
        let text = "\"\"\"A file.\n\nIts words.\n\"\"\"\nx = 1  # one\n# two\nurl = \"https://a\"\n";
        let expected = [
            (true, "\"\"\"A file.\n\nIts words.\n\"\"\"\n"),
            (false, "x = 1"),
            (true, "  # one\n# two\n"),
            (false, "url = \"https://a\"\n"),
        ];
        assert_eq!(pieces(text, "#"), expected.map(|(kind, piece)| (kind, piece.to_owned())));
        assert_eq!(pieces("let a = \"https://b\"; // no\n", "//").len(), 1);
        assert_eq!(pieces("let a = 1;  // one\n", "//").len(), 2);
    }

    #[test]
    fn nothing_is_lost_in_pieces() {
        for entry in Dialect::table() {
            let text = code(&descent_spec::Experiment::default(), entry.value).unwrap();
            let all: String = pieces(&text, entry.value.comment()).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn the_measure_is_told_in_words() {
        assert!(measured(Dialect::NumPy, false).contains("20 steps"));
        assert!(measured(Dialect::Burn, true).contains("Not with dropout"));
    }
}
