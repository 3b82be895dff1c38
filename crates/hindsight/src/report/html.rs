//! Text from data made harmless, and the few shapes that every card uses.

use std::fmt::{self, Display, Formatter, Write};

use super::numbers;
use super::story::Estimate;

/// Text that came from data, escaped for HTML text and quoted attributes when it is written.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// A section with an anchor, what it is about in a word, and the finding as its title.
pub(super) fn card(anchor: &str, about: &str, finding: &str, body: &str) -> String {
    format!(
        "<section class=\"card\" id=\"{anchor}\" aria-labelledby=\"{anchor}-title\">\
         <p class=\"about\">{about}</p><h2 id=\"{anchor}-title\">{}</h2>{body}</section>\n",
        Text(finding)
    )
}

/// A table that scrolls in its own box on a narrow screen; `head` cells are (title, is a number).
pub(super) fn table(caption: &str, head: &[(&str, bool)], rows: &[Vec<String>]) -> String {
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>\
         <caption>{0}</caption><thead><tr>",
        Text(caption)
    );
    for (title, is_number) in head {
        out += &format!("<th scope=\"col\"{}>{title}</th>", number_class(*is_number));
    }
    out += "</tr></thead><tbody>";
    for row in rows {
        out += "<tr>";
        for (at, cell) in row.iter().enumerate() {
            let is_number = head.get(at).is_some_and(|(_, is_number)| *is_number);
            out += &format!("<td{}>{cell}</td>", number_class(is_number));
        }
        out += "</tr>";
    }
    out + "</tbody></table></div>"
}

/// Something to unfold, such as the table behind a chart.
pub(super) fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>{body}</details>", Text(summary))
}

/// A figure coloured by its sign, which it also shows.
pub(super) fn toned(value: f64, text: &str) -> String {
    format!("<span class=\"{}\">{text}</span>", numbers::tone(value))
}

/// What an estimate rests on: `n = 4,402, effective 402`.
pub(super) fn rests_on(estimate: &Estimate) -> String {
    format!(
        "n\u{a0}=\u{a0}{}, effective\u{a0}{}",
        numbers::count(estimate.n),
        numbers::about(estimate.n_effective)
    )
}

/// A snake_case name as people say it, escaped.
pub(super) fn spoken(name: &str) -> String {
    Text(&name.replace('_', " ")).to_string()
}

fn number_class(is_number: bool) -> &'static str {
    if is_number { " class=\"number\"" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_data_becomes_text() {
        assert_eq!(
            Text("</script><img src=x onerror='a(\"b\")'>&").to_string(),
            "&lt;/script&gt;&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;"
        );
    }
}
