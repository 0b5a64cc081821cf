//! Text: Markdown with formulas and terms, to markup.
//!
//! `$w$` and `$a = b${a equals b}` are formulas within a line. On lines of their own they stand between two `$$`, with
//! `In words: …` below. `{{epoch|one pass over the training data}}` explains a term where it is used first.

use super::Problem;
use super::blocks::Line;
use super::formula::{escape, mathml};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TextMergeStream, html};

/// A stretch of the text as the test of first uses sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// A term, its explanation, and the line of the block it stands in.
    Term(String, String, usize),
}

/// Whether this line names a figure, or means to.
pub fn is_figure(line: &str) -> bool {
    line.starts_with("[figure")
}

/// Markup of any number of paragraphs.
pub fn paragraphs(lines: &[Line<'_>], pieces: &mut Vec<Piece>) -> Result<String, Problem> {
    let mut out = String::new();
    let mut text = String::new();
    let mut first = lines.first().map_or(0, |(line, _)| *line);
    let mut rest = lines.iter();
    while let Some(&(line, content)) = rest.next() {
        if is_figure(content) {
            return Err(Problem::new(line, "a figure stands in `# Text` only"));
        }
        if content != "$$" {
            if text.is_empty() {
                first = line;
            }
            text.push_str(content);
            text.push('\n');
            continue;
        }
        out.push_str(&markup(&text, first, pieces)?);
        text.clear();
        let tex: Vec<&str> = rest.by_ref().map(|(_, content)| *content).take_while(|content| *content != "$$").collect();
        let reading = rest.next().and_then(|(_, content)| content.strip_prefix("In words: "));
        let math = mathml(&tex.join("\n"), true, reading).map_err(|why| Problem::new(line, why))?;
        let reading = reading.unwrap_or_default();
        out.push_str(&format!("<figure class=\"formula\">{math}<figcaption>{}</figcaption></figure>\n", escape(reading)));
    }
    out.push_str(&markup(&text, first, pieces)?);
    Ok(out)
}

/// Markup of one line, without a paragraph around it.
pub fn line(text: &str, line: usize, pieces: &mut Vec<Piece>) -> Result<String, Problem> {
    let markup = markup(text, line, pieces)?;
    let inner = markup.trim().strip_prefix("<p>").and_then(|text| text.strip_suffix("</p>"));
    let inner = inner.filter(|inner| !inner.contains("<p>"));
    inner.map(str::to_owned).ok_or_else(|| Problem::new(line, "expected one line of text"))
}

fn markup(text: &str, line: usize, pieces: &mut Vec<Piece>) -> Result<String, Problem> {
    let problem = |text: String| Problem::new(line, text);
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES;
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut waiting: Option<CowStr<'_>> = None;
    for event in TextMergeStream::new(Parser::new_ext(text, options)) {
        if let Some(tex) = waiting.take() {
            // The reading in braces, if there is one, begins the text behind the formula.
            let behind = if let Event::Text(behind) = &event { behind.as_ref() } else { "" };
            let reading = behind.strip_prefix('{').and_then(|behind| behind.split_once('}'));
            let math = mathml(&tex, false, reading.map(|(reading, _)| reading)).map_err(problem)?;
            pieces.push(Piece::Words(reading.map_or_else(|| tex.to_string(), |(reading, _)| reading.to_owned())));
            events.push(Event::InlineHtml(math.into()));
            if let Some((_, behind)) = reading {
                events.push(Event::InlineHtml(with_terms(behind, line, pieces)?.into()));
                continue;
            }
        }
        match event {
            Event::InlineMath(tex) => waiting = Some(tex),
            Event::Text(text) => events.push(Event::InlineHtml(with_terms(&text, line, pieces)?.into())),
            Event::Code(ref code) => {
                pieces.push(Piece::Words(code.to_string()));
                events.push(event);
            }
            Event::Html(_) | Event::InlineHtml(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {
                return Err(problem("markup of its own is not taken; put $$ of a formula on lines of their own".into()));
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Heading { .. } | Tag::HtmlBlock) => {
                return Err(problem("links, pictures and deeper headings are not taken".into()));
            }
            // A table scrolls within itself where it is wider than the screen.
            Event::Start(Tag::Table(_)) => {
                events.push(Event::Html("<div class=\"table-scroll\">".into()));
                events.push(event);
            }
            Event::End(pulldown_cmark::TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>".into()));
            }
            _ => {
                pieces.push(Piece::Words("\n".into()));
                events.push(event);
            }
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    Ok(out)
}

/// Escapes a stretch of text and sets its terms.
fn with_terms(text: &str, line: usize, pieces: &mut Vec<Piece>) -> Result<String, Problem> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (term, after) = behind
            .split_once("}}")
            .ok_or_else(|| Problem::new(line, "a term begins with {{ and is not ended by }} within plain text"))?;
        let (name, explanation) = term
            .split_once('|')
            .ok_or_else(|| Problem::new(line, format!("the term {term} is not explained: {{{{term|explanation}}}}")))?;
        let (name, explanation) = (name.trim(), explanation.trim());
        if name.is_empty() || explanation.split_whitespace().count() < 2 {
            return Err(Problem::new(line, format!("the term {name} has no explanation")));
        }
        pieces.push(Piece::Words(before.into()));
        pieces.push(Piece::Term(name.into(), explanation.into(), line));
        out.push_str(&format!("{}<dfn>{}</dfn> ({})", escape(before), escape(name), escape(explanation)));
        rest = after;
    }
    pieces.push(Piece::Words(rest.into()));
    out.push_str(&escape(rest));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html_of(text: &str) -> Result<String, Problem> {
        let lines: Vec<_> = text.lines().enumerate().map(|(idx, line)| (idx + 1, line)).collect();
        paragraphs(&lines, &mut Vec::new())
    }

    #[test]
    fn text_formulas_and_terms_become_markup() {
        let html =
            html_of("A {{bias|a number added to the sum}} $b$ & *more*.\n\n$$\na = b\n$$\nIn words: a equals b\n\nEnd.").unwrap();
        assert!(
            html.starts_with("<p>A <dfn>bias</dfn> (a number added to the sum) <math><mi>b</mi></math> &amp; <em>more</em>.</p>"),
            "{html}"
        );
        assert!(html.contains("<figcaption>a equals b</figcaption>"), "{html}");
        assert!(html.trim_end().ends_with("<p>End.</p>"), "{html}");
        let html = html_of("so $x > 0${x is positive} holds").unwrap();
        assert!(html.contains("aria-label=\"x is positive\"") && html.contains("</math> holds"), "{html}");
    }

    #[test]
    fn what_is_not_taken_is_refused() {
        for text in ["<b>x</b>", "[a](b)", "$a = b$", "{{word}}", "{{word|", "{{word|short}}", "## deeper", "$$\na\n$$\n\nText"] {
            assert!(html_of(text).is_err(), "{text}");
        }
    }
}
