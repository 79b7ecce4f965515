// Who may see a dashboard: grants for users and teams, and links that open it until they expire.

import { get, send } from "./api.js";
import { save } from "./boardedit.js";
import { byId, element, fill } from "./dom.js";
import { dayName } from "./format.js";
import { text } from "./strings.js";

const panel = byId("panel"), DAY = 86_400_000;

/** Opens the dialog; `changed` is told the dashboard after each change of its grants. */
export async function openShare(board, opener, changed) {
  const trouble = element("p", { className: "door-trouble", role: "alert" }), grants = element("div"), links = element("div");
  const attempt = (act) => async (event) => {
    event?.preventDefault();
    trouble.textContent = "";
    await act(event).catch((error) => (trouble.textContent = error.message));
  };
  const regrant = async (list) => {
    board = { ...(await save({ ...board, sharing: { ...board.sharing, grants: list } })), choices: board.choices };
    changed(board);
    drawGrants();
  };
  const drawGrants = () => fill(grants, grantRows(board, attempt, regrant));
  const drawLinks = async () => fill(links, linkRows(await get(`v1/dashboards/${board.key}/shares`), board, attempt, drawLinks));
  fill(panel,
    element("div", { className: "head" }, element("h2", { id: "panel-title" }, text("share")), element("button", { type: "button", className: "quiet close", ariaLabel: text("close"), onclick: () => panel.hidePopover() }, "×")),
    trouble, element("h3", {}, text("grants")), grants, element("h3", {}, text("links")),
    element("p", { className: "muted" }, text(board.sharing?.internal_only ? "links_internal" : "links_open")), newLink(board, attempt, drawLinks), links);
  panel.addEventListener("toggle", () => opener.isConnected && opener.focus({ preventScroll: true }), { once: true });
  panel.showPopover();
  drawGrants();
  await attempt(drawLinks)();
}

function grantRows(board, attempt, regrant) {
  const list = board.sharing?.grants ?? [];
  const rows = list.map((grant, index) => row(grant.everyone ? text("everyone") : `${grant.user ?? grant.team} · ${text(grant.user ? "user" : "team")}`, text(`role_${grant.role ?? "viewer"}`),
    attempt(() => regrant(list.filter((_, other) => other !== index)))));
  const kinds = choice("kind", ["team", "user"].map((name) => [name, text(name)])), name = element("input", { required: true, ariaLabel: text("whom"), placeholder: text("whom") });
  const roles = choice("role", ["viewer", "editor"].map((role) => [role, text(`role_${role}`)]));
  const add = attempt(() => regrant([...list, { [kinds.value]: name.value.trim(), role: roles.value }]));
  return [rows, element("form", { className: "row", onsubmit: add }, kinds, name, roles, element("button", { className: "quiet", type: "submit" }, text("add")))];
}

const choice = (label, options) => element("select", { ariaLabel: text(label) }, options.map(([value, said]) => element("option", { value }, said)));
const row = (name, beside, remove) => element("div", { className: "row" }, element("span", { className: "wide" }, name), element("span", { className: "muted" }, beside), remove && element("button", { type: "button", className: "quiet", onclick: remove }, text("remove")));

function newLink(board, attempt, drawLinks) {
  const days = choice("expires", [7, 30, 90].map((number) => [number, text("days", { n: number })])), made = element("output");
  const make = attempt(async () => {
    const link = await send("POST", `v1/dashboards/${board.key}/share`, { expires_at: new Date(Date.now() + days.value * DAY).toISOString() });
    const address = new URL(link.page, document.baseURI).href, field = element("input", { readOnly: true, value: address, ariaLabel: text("link"), onfocus: ({ target }) => target.select() });
    fill(made, element("div", { className: "row" }, field, element("button", { type: "button", className: "quiet", onclick: () => navigator.clipboard.writeText(address) }, text("copy"))), element("p", { className: "muted" }, text("once")));
    field.focus();
    await drawLinks();
  });
  return [element("form", { className: "row", onsubmit: make }, days, element("button", { className: "quiet", type: "submit" }, text("make_link"))), made];
}

function linkRows({ items }, board, attempt, drawLinks) {
  const living = items.filter(({ revoked_at: revoked, expires_at: ends }) => !revoked && new Date(ends) > new Date());
  return living.map((link) => row(text("until", { day: dayName(link.expires_at) }), link.created_by, attempt(async () => {
    await send("DELETE", `v1/dashboards/${board.key}/shares/${link.id}`);
    await drawLinks();
  })));
}
