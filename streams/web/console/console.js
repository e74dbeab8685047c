// Reads /readyz and /reports every ten seconds and shows them. Changes nothing, loads nothing else.
"use strict";

const PERIOD_MILLISECONDS = 10_000;
const element = (id) => document.getElementById(id);
let reports = [];

function cell(row, text) {
  row.insertCell().textContent = text ?? "not known";
}

function operations(value) {
  return typeof value === "number" ? value.toExponential(2) : "not known";
}

function showHealth(health) {
  const state = element("state");
  state.dataset.ready = health.ready;
  state.textContent = health.ready ? "ready" : health.reasons.join("; ");
  element("conditions").replaceChildren(...health.conditions.map((condition) => {
    const item = document.createElement("li");
    item.dataset.holds = condition.holds;
    item.textContent = `${condition.name}: ${condition.detail}`;
    return item;
  }));
}

function showDocument(report) {
  element("detail").hidden = false;
  element("document").textContent = JSON.stringify(report, null, 2);
  element("detail").scrollIntoView();
}

function showReports() {
  const wanted = element("filter").value.trim().toLowerCase();
  const body = element("reports");
  body.replaceChildren();
  for (const report of reports) {
    if (wanted && !JSON.stringify(report).toLowerCase().includes(wanted)) continue;
    const row = body.insertRow();
    row.tabIndex = 0;
    row.dataset.standing = report.standing;
    const figures = report.operations ?? {};
    cell(row, report.due_on);
    cell(row, report.subject_name ?? report.subject_id);
    cell(row, report.scope);
    cell(row, report.person_status);
    const range = `${operations(figures.low)} to ${operations(figures.high)}`;
    cell(row, `${operations(figures.expected)} (${range})`);
    cell(row, operations(report.threshold_operations));
    cell(row, report.crossed_at?.likely);
    cell(row, report.policy_id);
    const withdrawn = report.standing === false ? ", withdrawn" : "";
    cell(row, `${report.version} (${report.kind}${withdrawn})`);
    row.addEventListener("click", () => showDocument(report));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter") showDocument(report);
    });
  }
  element("none").hidden = body.rows.length > 0;
}

async function refresh() {
  try {
    const [health, list] = await Promise.all([fetch("/readyz"), fetch("/reports")]);
    showHealth(await health.json());
    reports = await list.json();
    showReports();
  } catch (error) {
    element("state").dataset.ready = false;
    element("state").textContent = `the service does not answer (${error.message})`;
  }
}

element("filter").addEventListener("input", showReports);
refresh();
setInterval(refresh, PERIOD_MILLISECONDS);
