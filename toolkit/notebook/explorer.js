// The page's side of explorer.py. All text is set as text: nothing that an article says can become markup.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function labelled(name, control) {
  const label = element("label", "citebook-label", name);
  label.append(control);
  return label;
}

function picker(names, chosen) {
  const select = element("select");
  for (const name of names) {
    const option = element("option", "", name);
    option.value = name;
    select.append(option);
  }
  select.value = chosen;
  return select;
}

function link(url) {
  if (!/^https?:\/\//i.test(url)) return null;
  const made = element("a", "citebook-link", "Open the page");
  made.href = url;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

function heading(source) {
  const made = element("div", "citebook-heading");
  const title = element("bdi", "citebook-title", source.title);
  made.append(title);
  if (source.known) made.append(element("span", "citebook-muted", ` — ${source.known}`));
  return made;
}

function citation(source, open) {
  const made = element("button", "citebook-number", `[${source.marker}]`);
  made.type = "button";
  made.title = source.known ? `${source.title} — ${source.known}` : source.title;
  made.setAttribute("aria-label", `Source ${source.marker}: ${made.title}`);
  made.dataset.marker = source.marker;
  made.addEventListener("click", () => open(source));
  return made;
}

function claimLine(claim, sources, open) {
  const line = element("p", "citebook-claim");
  line.append(element("bdi", `citebook-${claim.verdict}`, claim.text));
  const plain = claim.verdict === "quoted" || claim.verdict === "supported";
  line.append(" ", element("small", `citebook-verdict citebook-says-${plain ? "well" : claim.verdict}`, claim.says));
  for (const marker of claim.markers) {
    const source = sources.get(marker);
    if (source) line.append(" ", citation(source, open));
  }
  if (claim.remarks && !plain) line.append(element("span", "citebook-remarks", claim.remarks));
  return line;
}

function answerView(answer, open) {
  const view = element("div");
  const sources = new Map(answer.sources.map((source) => [source.marker, source]));
  if (answer.answered) {
    for (const claim of answer.claims) view.append(claimLine(claim, sources, open));
  } else {
    view.append(element("p", "citebook-refusal", `Not in your articles: ${answer.reason}`));
    if (answer.closest.length) view.append(element("p", "citebook-muted", "What came closest:"));
    const list = element("ul", "citebook-closest");
    for (const one of answer.closest) {
      const item = element("li");
      const button = element("button", "citebook-near", one.title);
      button.type = "button";
      button.addEventListener("click", () => open({ ...one, marker: 0 }));
      item.append(button, element("span", "citebook-muted", one.known ? ` — ${one.known}` : ""));
      item.append(element("div", "citebook-snippet", one.text));
      list.append(item);
    }
    view.append(list);
  }
  for (const note of answer.notes) view.append(element("p", "citebook-note", note));
  view.append(element("p", "citebook-made", answer.made));
  return view;
}

function articleView(article) {
  const head = element("div", "citebook-head");
  head.append(heading(article));
  const address = link(article.url);
  if (address) head.append(address);
  const text = element("div", "citebook-text");
  text.dir = "auto";
  text.tabIndex = 0; // what scrolls must be reachable by keyboard
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", "Text of the article");
  for (const piece of article.pieces) {
    if (piece.left_out) {
      text.append(element("div", "citebook-left-out", `… ${piece.left_out.toLocaleString("en")} characters left out …`));
    } else if (piece.markers.length) {
      const mark = element("mark", "", piece.text);
      mark.dataset.markers = ` ${piece.markers.join(" ")} `;
      text.append(mark);
    } else {
      text.append(document.createTextNode(piece.text));
    }
  }
  return [head, text];
}

// Within its own pane only: scrollIntoView would move the whole notebook.
function scrollTo(article, marker) {
  const pane = article.querySelector(".citebook-text");
  const marks = [...pane.querySelectorAll("mark")];
  const wanted = marks.filter((mark) => mark.dataset.markers.includes(` ${marker} `));
  for (const mark of marks) mark.classList.toggle("citebook-chosen", wanted.includes(mark));
  const first = wanted[0] ?? marks[0];
  if (!first) return;
  const at = first.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
  pane.scrollTop = Math.max(0, at - pane.clientHeight / 3);
}

function render({ model, el }) {
  const root = element("div", "citebook-explorer tex2jax_ignore mathjax_ignore");
  root.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes keys that are typed here for its own
  const form = element("div", "citebook-form");
  form.setAttribute("role", "search");
  const box = element("input", "citebook-question");
  box.type = "text";
  box.placeholder = "Ask your articles";
  box.value = model.get("question");
  box.setAttribute("aria-label", "Question");
  const prompts = picker(model.get("prompts"), model.get("prompt"));
  const models = picker(model.get("models"), model.get("model"));
  const button = element("button", "citebook-ask", "Ask");
  button.type = "button";
  const first = element("div", "citebook-row");
  first.append(box, button);
  const second = element("div", "citebook-row");
  second.append(labelled("Prompt", prompts), labelled("Model", models));
  form.append(first, second);
  const status = element("div", "citebook-status");
  status.setAttribute("role", "status");
  const panes = element("div", "citebook-panes");
  const left = element("section", "citebook-answer");
  left.setAttribute("aria-label", "Answer");
  const right = element("section", "citebook-article");
  right.setAttribute("aria-label", "Article");
  right.hidden = true;
  panes.append(left, right);
  root.append(form, status, panes);
  el.append(root);

  let wanted = null; // the citation that was clicked last
  let article = null; // the article in the right pane

  const open = (source) => {
    wanted = source;
    for (const number of left.querySelectorAll(".citebook-number"))
      number.setAttribute("aria-pressed", String(Number(number.dataset.marker) === source.marker));
    if (article && article.article === source.article) scrollTo(right, source.marker);
    else model.send({ kind: "open", article: source.article });
  };

  const hear = (message) => {
    if (!message || message.kind !== "article" || !wanted || message.article !== wanted.article) return;
    article = message;
    right.replaceChildren(...articleView(message));
    right.hidden = false;
    scrollTo(right, wanted.marker);
  };

  const showAnswer = () => {
    const answer = model.get("shown");
    article = wanted = null;
    right.hidden = true;
    right.replaceChildren();
    left.replaceChildren();
    if (!answer || !answer.made) return;
    left.append(answerView(answer, open));
    if (answer.sources.length) open(answer.sources[0]);
  };

  const showState = () => {
    const busy = model.get("busy");
    const problem = model.get("problem");
    button.disabled = busy;
    root.classList.toggle("citebook-busy", busy);
    status.textContent = busy ? "Asking …" : problem;
    status.classList.toggle("citebook-problem", !busy && Boolean(problem));
    if (busy || problem) {
      right.hidden = true;
      left.replaceChildren();
      if (busy && model.get("writing")) {
        left.append(element("p", "citebook-claim", model.get("writing")));
        left.append(element("p", "citebook-made", "writing; not checked yet"));
      }
    } else if (!left.childElementCount) {
      showAnswer();
    }
  };

  const ask = () => {
    if (!box.value.trim() || model.get("busy")) return;
    model.send({ kind: "ask", question: box.value, prompt: prompts.value, model: models.value });
  };
  button.addEventListener("click", ask);
  // Notebooks take keys for their own shortcuts, and a page may not let forms be sent: neither must decide here.
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && event.target === box && !event.isComposing) ask();
  });
  const listeners = {
    "change:busy": showState,
    "change:writing": showState,
    "change:problem": showState,
    "change:shown": showAnswer,
    "change:question": () => { box.value = model.get("question"); },
    "change:prompt": () => { prompts.value = model.get("prompt"); },
    "change:model": () => { models.value = model.get("model"); },
    "msg:custom": hear,
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  showAnswer();
  showState();
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
  };
}

export default { render };
