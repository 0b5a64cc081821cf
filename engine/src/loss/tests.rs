use super::*;

fn column(values: &[f32]) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len(), 1]), &Device::flex())
}

/// How targets are made.
type Make = fn(Head, Vec<f32>, &Device) -> Targets;
/// For the kernel, and for Burn's operations.
const WAYS: [Make; 2] = [Targets::new, Targets::on_device];

/// Loss and metric of one output an example, by the kernel and by Burn's operations.
fn both(head: Head, targets: &[f32], outputs: &[f32]) -> [[f32; 2]; 2] {
    WAYS.map(|make| {
        let device = Device::flex().autodiff();
        let outputs = Tensor::from_data(TensorData::new(outputs.to_vec(), [outputs.len(), 1]), &device);
        make(head, targets.to_vec(), &device).score(outputs).map(Tensor::into_scalar)
    })
}

/// In double precision from the definition, −y ln p − (1 − y) ln(1 − p) with p = 1 / (1 + exp(−z)), by hand:
/// z = 2, y = 1: ln(1 + e⁻²) = 0.126928; z = −1, y = 1: ln(1 + e) = 1.313262; z = 0.5, y = 0: ln(1 + e^0.5) = 0.974077.
#[test]
fn binary_cross_entropy_is_its_definition() {
    let (logits, classes) = ([2.0, -1.0, 0.5], [1.0, 1.0, 0.0]);
    let expected = [0.126_928, 1.313_262, 0.974_077];
    let loss: f32 = binary_cross_entropy(column(&logits), column(&classes)).into_scalar();
    assert!((f64::from(loss) - expected.iter().sum::<f64>() / 3.0).abs() < 1e-6, "{loss}");
    for ((logit, class), expected) in logits.into_iter().zip(classes).zip(expected) {
        assert!((judge(Head::Sigmoid, &[logit], class).loss - expected).abs() < 1e-6);
    }
    // Far out the loss is the logit itself, and the other way round 0.
    let far: f32 = binary_cross_entropy(column(&[-1000.0, 1000.0]), column(&[1.0, 1.0])).into_scalar();
    assert_eq!(far, 500.0);
}

#[test]
fn a_logit_of_zero_answers_class_0_and_is_pulled_by_a_half() {
    let device = Device::flex().autodiff();
    let logits = Tensor::<2>::from_floats([[0.0], [0.0]], &device).require_grad();
    let classes = Tensor::<2>::from_floats([[0.0], [1.0]], &device);
    let grads = binary_cross_entropy(logits.clone(), classes).backward();
    // d/dz = (σ(z) − y) / N = (1/2 − y) / 2.
    let slope = logits.grad(&grads).unwrap().into_data().try_into_vec::<f32>().unwrap();
    assert_eq!(slope, [0.25, -0.25]);
    assert_eq!(judge(Head::Sigmoid, &[0.0], 0.0).predicted, Some(0));
    for [_, metric] in both(Head::Sigmoid, &[0.0, 1.0], &[0.0, 0.0]) {
        assert_eq!(metric, 0.5, "the class 0 was right, the class 1 was not");
    }
}

/// By hand: t z = 2, −3, 0 and −0.5; a mistake where it is not above 0. The slope for z is −t / 4 there.
#[test]
fn the_perceptron_loss_pulls_at_mistakes_only_and_at_zero_too() {
    let (sums, classes) = ([2.0, 3.0, 0.0, -0.5], vec![1.0, 0.0, 0.0, 1.0]);
    let device = Device::flex().autodiff();
    let outputs = Tensor::<2>::from_data(TensorData::new(sums.to_vec(), [4, 1]), &device).require_grad();
    for targets in WAYS.map(|make| make(Head::Perceptron, classes.clone(), &device)) {
        let [loss, right] = targets.score(outputs.clone());
        assert_eq!(right.into_scalar::<f32>(), 0.25);
        let slopes = outputs.grad(&loss.backward()).unwrap().into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(slopes, [0.0, 0.25, 0.25, -0.25]);
        assert_eq!(loss.into_scalar::<f32>(), 3.5 / 4.0);
    }
    let judged: Vec<_> = sums.iter().zip(&classes).map(|(&z, &class)| judge(Head::Perceptron, &[z], class)).collect();
    assert_eq!(judged.iter().map(|it| it.loss).collect::<Vec<_>>(), [0.0, 3.0, 0.0, 0.5]);
    assert_eq!(judged.iter().map(|it| it.metric).collect::<Vec<_>>(), [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(
        judged.iter().map(|it| it.predicted).collect::<Vec<_>>(),
        [Some(1); 3].into_iter().chain([Some(0)]).collect::<Vec<_>>()
    );
    assert_eq!(judged.iter().map(|it| it.probabilities[1]).collect::<Vec<_>>(), [1.0, 1.0, 0.5, 0.0]);
    let answers = answer(Head::Perceptron, column(&sums)).into_data().try_into_vec::<f32>().unwrap();
    assert_eq!(answers, [1.0, 1.0, 0.5, 0.0]);
}

#[test]
fn regression_is_judged_by_squared_and_absolute_error() {
    let judged = judge(Head::Linear, &[0.5], -1.0);
    assert_eq!((judged.loss, judged.metric, judged.predicted), (2.25, 1.5, None));
    for [loss, metric] in both(Head::Linear, &[-1.0, 1.0], &[0.5, 0.5]) {
        assert_eq!((loss, metric), ((2.25 + 0.25) / 2.0, 1.0));
    }
    let loss: f32 = mean_squared_error(column(&[0.5, 0.5]), column(&[-1.0, 1.0])).into_scalar();
    assert_eq!(loss, (2.25 + 0.25) / 2.0);
}

/// By hand with ln(1 + e^−z): z = (1, 0.5, −2), the first true: 0.313262 + 0.974077 + 0.126928 = 1.414267; z = (0, 0, 0): 3 ln 2 =
/// 2.079442, and nobody is largest. The slopes are σ(z) − y over the batch: (0.731059 − 1)/2, 0.622459/2, 0.119203/2, ∓1/4.
#[test]
fn negative_sampling_is_its_definition() {
    let head = Head::Sampled { negatives: 2 };
    let rows = [[1.0, 0.5, -2.0], [0.0, 0.0, 0.0]];
    let slopes = [-0.134_471, 0.311_230, 0.059_601, -0.25, 0.25, 0.25];
    for make in WAYS {
        let device = Device::flex().autodiff();
        let outputs = Tensor::<2>::from_floats(rows, &device).require_grad();
        let [loss, right] = make(head, vec![0.0, 0.0], &device).score(outputs.clone());
        assert_eq!(right.into_scalar::<f32>(), 0.5);
        let found = outputs.grad(&loss.clone().backward()).unwrap().into_data().try_into_vec::<f32>().unwrap();
        assert!(found.iter().zip(slopes).all(|(found, slope)| (found - slope).abs() < 1e-6), "{found:?}");
        assert!((loss.into_scalar::<f32>() - (1.414_267 + 2.079_442) / 2.0).abs() < 1e-5);
    }
    let judged = rows.map(|row| judge(head, &row, 0.0));
    assert!((judged[0].loss - 1.414_267).abs() < 1e-6 && (judged[1].loss - 2.079_442).abs() < 1e-6);
    assert_eq!((judged[0].metric, judged[1].metric, judged[0].predicted), (1.0, 0.0, None));
    // Far out the loss is the logit itself, and the other way round 0.
    assert_eq!(judge(head, &[-1000.0, -1000.0, 0.0], 0.0).loss, 1000.0 + 2.0_f64.ln());
}

#[test]
fn score_is_softmax_by_hand() {
    // exp(1) / (exp(1) + exp(0)) = 0.731059; −ln of it = 0.313262.
    let (probabilities, loss, best) = score(&[1.0, 0.0], 0);
    assert!((probabilities[0] - 0.731_059).abs() < 1e-6);
    assert!((loss - 0.313_262).abs() < 1e-6);
    assert_eq!(best, 0);
    // Large logits neither overflow nor lose the answer.
    let (probabilities, loss, best) = score(&[1000.0, 0.0], 1);
    assert_eq!((probabilities[0], loss, best), (1.0, 1000.0, 0));
}
