//! The bench page: defines `window.bench(work, spec)` for scripts that compare libraries, and runs the same works, and the labs of the
//! course, by hand.

use crate::client::Connection;
use crate::format;
use crate::link::fragment;
use descent_spec::device::Backend;
use descent_spec::message::{BenchResult, ToApp, ToWorker};
use descent_spec::registry::Registry;
use js_sys::{Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// The works on offer, with what they are.
const WORKS: [(&str, &str); 6] = [
    ("mlp", "784-128-10, batch 64, Adam"),
    ("cnn", "5×5×8, pool, 5×5×16, pool, 256-64-10, batch 64, Adam"),
    ("cnn-cifar", "32×32×3, 3×3×32, pool, 3×3×64, pool, 4096-128-10, batch 64, Adam"),
    ("lstm-char", "65 characters, 40 steps, 128 units, batch 64, Adam"),
    ("tiny", "2-8-8-1, batch 10, SGD"),
    ("matmul512", "one product of two 512×512 matrices, for comparison"),
];

thread_local! {
    /// One worker for all works: it is fetched once, as in the lab.
    static WORKER: std::cell::RefCell<Option<Rc<Connection>>> = const { std::cell::RefCell::new(None) };
}

/// What the page can time: a work, or a lab of the course.
#[derive(Clone, Copy)]
struct Candidate {
    /// What the worker is asked for: the name of a work, or the link of a lab.
    work: &'static str,
    title: &'static str,
    about: &'static str,
}

fn works() -> Vec<Candidate> {
    WORKS.map(|(work, about)| Candidate { work, title: work, about }).to_vec()
}

/// Every lab of the course, each experiment once.
fn labs() -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for lab in descent_course::weeks().iter().flat_map(|week| &week.labs) {
        if all.iter().all(|known| known.work != lab.link) {
            all.push(Candidate { work: &lab.link, title: &lab.title, about: &lab.link });
        }
    }
    all
}

/// What was found, by work.
type Results = RwSignal<Vec<(&'static str, Result<BenchResult, String>)>>;

/// Times training steps.
#[component]
pub fn BenchPage() -> impl IntoView {
    let backend = wanted_backend();
    define_bench(backend);
    let results = Results::new(Vec::new());
    let busy = RwSignal::new(None::<&'static str>);
    let run = move |candidates: Vec<Candidate>| {
        spawn_local(async move {
            for Candidate { work, .. } in candidates {
                busy.set(Some(work));
                let result = bench(backend, work.into()).await;
                results.update(|all| {
                    all.retain(|(earlier, _)| *earlier != work);
                    all.push((work, result));
                });
            }
            busy.set(None);
        });
    };
    let run = Callback::new(run);
    view! {
        <main class="bench">
            <h1>"Bench"</h1>
            <p class="quiet">
                "Median time of one training step with its loss read back, on "{backend.label()}". Scripts call "
                <code>"window.bench(work)"</code>"."
            </p>
            <Candidates heading="Works" candidates=works() results busy run />
            <h2>"Labs"</h2>
            <p class="quiet">"Nets, batches and optimizers of the course, on made-up data, by one worker."</p>
            <p>
                <button type="button" disabled=move || busy.get().is_some() on:click=move |_| run.run(labs())>"Run all labs"</button>
            </p>
            <Candidates heading="Lab" candidates=labs() results busy run />
            <p style:margin-top="16px"><a href="#/">"Back to the course"</a></p>
        </main>
    }
}

/// A table of what can be timed, a row each.
#[component]
fn Candidates(
    heading: &'static str,
    candidates: Vec<Candidate>,
    results: Results,
    busy: RwSignal<Option<&'static str>>,
    run: Callback<Vec<Candidate>>,
) -> impl IntoView {
    let row = move |candidate: Candidate| {
        let Candidate { work, title, about } = candidate;
        let cells = Memo::new(move |_| results.with(|all| cells(all.iter().find(|(name, _)| *name == work).map(|(_, it)| it))));
        view! {
            <tr>
                <th scope="row">{title}<span class="small quiet about">{about}</span></th>
                <td>{move || cells.get()[0].clone()}</td>
                <td>{move || cells.get()[1].clone()}</td>
                <td class="of-examples">{move || cells.get()[2].clone()}</td>
                <td class="of-examples">{move || cells.get()[3].clone()}</td>
                <td>
                    <button
                        type="button"
                        aria-label=format!("Run {title}")
                        disabled=move || busy.get().is_some()
                        on:click=move |_| run.run(vec![candidate])
                    >
                        {move || if busy.get() == Some(work) { "Running" } else { "Run" }}
                    </button>
                </td>
            </tr>
        }
    };
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">{heading}</th><th scope="col">"Step"</th><th scope="col">"Steps/s"</th>
                    <th scope="col" class="of-examples">"Examples/s"</th><th scope="col" class="of-examples">"GFLOP/s"</th><th></th>
                </tr>
            </thead>
            <tbody>{candidates.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// Milliseconds of a step, steps, examples and operations a second; dashes before they are known, and instead of them why there are none.
fn cells(result: Option<&Result<BenchResult, String>>) -> [String; 4] {
    match result {
        Some(Ok(result)) => [
            format!("{} ms", format::sig3(result.ms_per_step)),
            format::sig3(1000.0 / result.ms_per_step),
            format::sig3(result.examples_per_sec),
            format::sig3(result.gflops),
        ],
        Some(Err(why)) => [why.clone(), String::new(), String::new(), String::new()],
        None => std::array::from_fn(|_| "–".into()),
    }
}

/// What stands behind `#/bench?`, or before the `#`.
fn settings() -> String {
    format!("{}&{}", window().location().search().unwrap_or_default(), fragment())
}

/// `device=webgpu`.
fn wanted_backend() -> Backend {
    if settings().contains("device=webgpu") { Backend::WebGpu } else { Backend::Cpu }
}

/// `workers=1`: how many share a batch that is cut.
fn wanted_workers() -> Option<u32> {
    settings().split(['?', '&']).find_map(|setting| setting.strip_prefix("workers=")?.parse().ok())
}

async fn bench(backend: Backend, work: String) -> Result<BenchResult, String> {
    let known = WORKER.with_borrow(|worker| worker.clone());
    let worker = match known {
        Some(worker) => worker,
        None => {
            // A worker that died ends its pending requests, and the next call brings a fresh one.
            let forget = |_| WORKER.with_borrow_mut(|worker| drop(worker.take()));
            let started = Connection::start(backend, forget).await;
            let (worker, _) = started.map_err(|fault| format!("{} {}", fault.message, fault.advice))?;
            WORKER.with_borrow_mut(|slot| *slot = Some(Rc::clone(&worker)));
            worker
        }
    };
    match worker.request(Box::new(|request| ToWorker::Bench { request, work, n_workers: wanted_workers() }), None).await?.head {
        ToApp::Benched { result, .. } => result,
        _ => Err("The worker gave an answer that this page does not understand.".into()),
    }
}

/// The contract of comparing scripts: a promise of `{ msPerStep, examplesPerSec, gflops, losses }`. Beside the works it takes the link of
/// any experiment; `bench.labs` has those of the course.
fn define_bench(backend: Backend) {
    let call = Closure::<dyn FnMut(JsValue, JsValue) -> Promise>::new(move |work: JsValue, _spec: JsValue| {
        wasm_bindgen_futures::future_to_promise(async move {
            let work = work.as_string().ok_or_else(|| js_sys::Error::new("bench(work) wants the name of a work"))?;
            let result = bench(backend, work).await.map_err(|why| js_sys::Error::new(&why))?;
            let out = Object::new();
            let losses: js_sys::Array = result.losses.iter().map(|loss| JsValue::from(f64::from(*loss))).collect();
            Reflect::set(&out, &"msPerStep".into(), &result.ms_per_step.into())?;
            Reflect::set(&out, &"examplesPerSec".into(), &result.examples_per_sec.into())?;
            Reflect::set(&out, &"gflops".into(), &result.gflops.into())?;
            Reflect::set(&out, &"losses".into(), &losses)?;
            Ok(out.into())
        })
    });
    // The function lives as long as the page.
    let function: js_sys::Function = call.into_js_value().unchecked_into();
    let links: js_sys::Array = labs().iter().map(|lab| JsValue::from(lab.work)).collect();
    let _ = Reflect::set(&function, &"labs".into(), &links);
    let _ = Reflect::set(&window(), &"bench".into(), &function);
}
