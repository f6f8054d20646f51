// What the tests find on a page, in any engine and through open shadow roots too: an object of
// functions, given JSON and giving JSON.
(() => {
  /** The trees of a page: the document's, and those in open shadow roots. */
  function* trees(root = document) {
    yield root;
    for (const element of root.querySelectorAll("*"))
      if (element.shadowRoot) yield* trees(element.shadowRoot);
  }

  /** What `selector` finds in our own shadow roots. */
  const ours = (selector) =>
    [...document.querySelectorAll("reader-feedback")].flatMap(({ shadowRoot }) => [
      ...shadowRoot.querySelectorAll(selector),
    ]);

  const text = (element) => element?.innerText.trim() ?? "";

  /** The middle of what is on the screen and stands still, else null. */
  const middle = (element) => {
    const { x, y, width, height } = element?.getBoundingClientRect() ?? {};
    const moves = element?.closest("dialog")?.getAnimations().length;
    return width && !moves ? { x: x + width / 2, y: y + height / 2 } : null;
  };

  /** The range of words in a tree; elements may begin and end in them. */
  const range = (root, words) => {
    const walker = document.createTreeWalker(root.body ?? root, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    let at = nodes.map(({ data }) => data).join("").indexOf(words);
    if (at < 0) return null;
    const found = document.createRange();
    let left = words.length;
    for (const node of nodes) {
      if (at >= node.length) {
        at -= node.length;
        continue;
      }
      if (left === words.length) found.setStart(node, at);
      const taken = Math.min(left, node.length - at);
      left -= taken;
      found.setEnd(node, at + taken);
      at = 0;
      if (!left) return found;
    }
  };

  return {
    /** Where words stand on the screen: the ends of their first and last line. */
    place(words) {
      for (const tree of trees()) {
        const boxes = [...(range(tree, words)?.getClientRects() ?? [])];
        const [a, z] = [boxes[0], boxes.at(-1)];
        if (a) return { start: { x: a.left, y: (a.top + a.bottom) / 2 }, end: { x: z.right, y: (z.top + z.bottom) / 2 } };
      }
      return null;
    },

    /** The dialog as a reader sees it, null while there is none. */
    dialog() {
      const dialog = ours("dialog[open]")[0];
      const find = (selector) => dialog?.querySelector(selector);
      const fields = ours("dialog[open] label").map((label) => [
        label.firstChild.data,
        label.querySelector("input, textarea, select").value,
      ]);
      return dialog && {
        text: text(dialog),
        passage: text(find("blockquote")),
        mark: text(find("mark")),
        removed: text(find("del")),
        put_in: text(find("ins")),
        fields: Object.fromEntries(fields),
        buttons: ours("dialog[open] button").map(text),
        outcome: text(find("[role=status]")),
        failure: text(find("[role=alert]")),
      };
    },

    /** The middle of an element of the page. */
    middle: (selector) => middle(document.querySelector(selector)),

    button: (name) => middle(ours("button").find((button) => text(button) === name)),
    field: (name) => middle(ours("label").find(({ firstChild }) => firstChild.data === name)?.lastElementChild),

    /** Whether a dialog that was open is gone, and has left the page as it was. */
    gone: () => !ours("dialog").length,

    /** What is said at the window's edge. */
    note: () => text(ours("output")[0]),

    selection() {
      const { anchorNode, anchorOffset, focusNode, focusOffset } = getSelection();
      const between = document.createRange();
      if (anchorNode) between.setStart(anchorNode, anchorOffset);
      if (focusNode) between.setEnd(focusNode, focusOffset);
      return { text: `${getSelection()}`, backward: between.collapsed };
    },

    /** Reports that wait for a connection, by id. */
    kept: () => JSON.parse(localStorage.getItem("reader-feedback-unsent") ?? "{}"),

    say: (words) => console.debug(words),

    /** Say that there is a connection again, as a browser does. */
    connect: () => dispatchEvent(new Event("online")),

    /** Do what a policy with Trusted Types forbids. */
    violate() {
      try {
        document.createElement("p").innerHTML = "<b>no</b>";
      } catch {}
    },
  };
})()
