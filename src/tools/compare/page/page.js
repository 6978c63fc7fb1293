'use strict';

// One comparison, or several of which the address says which one is shown.
const told = JSON.parse(document.getElementById('data').textContent);
const comparisons = told.comparisons || [told];
const chosen = Math.min(comparisons.length, Math.max(1,
    Number(new URLSearchParams(location.hash.slice(1)).get('comparison')) || 1));
const data = comparisons[chosen - 1];
const typical = data.summary.map(column => data.runs.find(run => run.allocator === column.allocator && run.typical));
const drawn = typical.filter(run => run && run.samples.seconds.length > 0);
const names = drawn.map(run => run.allocator);
const phaseNames = run => run.phases.map(phase => phase.name).join('\n');
const phasesAgree = drawn.length > 0 && drawn[0].phases.length > 0 &&
    drawn.every(run => phaseNames(run) === phaseNames(drawn[0]));

const byId = id => document.getElementById(id);
const mibOrDash = bytes => bytes === null ? '\u2013' : (bytes / 1048576).toFixed(1) + ' MiB';

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function swatch(index) {
  const made = element('i', '', 'swatch');
  made.style.setProperty('--colour', `var(--series-${index % 6})`);
  return made;
}

const seriesOf = allocator => data.allocators.findIndex(each => each.name === allocator);
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// ---- What is shown; kept in the address, so that a link shows the same.

// Where all went through the same phases, the same work stands over the same place of the axis.
const view = {measure: 'rss', time: phasesAgree ? 'share' : 'seconds', hide: new Set()};

const measures = () => ['rss', 'pss', 'private_dirty',
                        ...drawn.every(run => run.samples.cgroup) ? ['cgroup'] : []];

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (measures().includes(asked.get('measure'))) view.measure = asked.get('measure');
  if (['seconds', 'share'].includes(asked.get('time'))) view.time = asked.get('time');
  view.hide = new Set((asked.get('hide') || '').split(',').filter(name => names.includes(name)));
}

function writeAddress() {
  const address = new URLSearchParams({measure: view.measure, time: view.time});
  if (comparisons.length > 1) address.set('comparison', chosen);
  if (view.hide.size > 0) address.set('hide', [...view.hide].join(','));
  history.replaceState(null, '', '#' + address);
}

// ---- The chart.

const lengthOf = run => run.samples.seconds[run.samples.seconds.length - 1];

const aligned = () => phasesAgree && view.time === 'share';

// Seconds to the place on the axis: themselves, or per cent of the run; where all runs have the same phases, these
// are laid over those of the first run, and the axis counts its seconds.
function placeOf(run, seconds) {
  if (view.time === 'seconds') return seconds;
  if (!phasesAgree) return 100 * seconds / lengthOf(run);
  const ends = each => [...each.phases.map(phase => phase.begin), Math.max(lengthOf(each), each.phases.at(-1).begin)];
  const own = ends(run), first = ends(drawn[0]);
  let from = 0, to = 0;
  for (let i = 0; i < own.length; ++i) {
    if (seconds <= own[i] || i === own.length - 1) {
      const part = own[i] > from ? (Math.min(seconds, own[i]) - from) / (own[i] - from) : 1;
      return to + part * (first[i] - to);
    }
    from = own[i];
    to = first[i];
  }
}

// The places at which each run was sampled, for the dots.
let sampledAt = [];

// One row for each moment at which any run was sampled; between its samples a run is on the line that joins them.
function rows() {
  const points = drawn.map(run => run.samples.seconds.map(
      (seconds, i) => [placeOf(run, seconds), run.samples[view.measure][i] / 1048576]));
  sampledAt = points.map(run => ({places: new Set(run.map(point => point[0])), last: run.at(-1)[0], dotted: false}));
  const places = [...new Set(points.flat().map(point => point[0]))].sort((a, b) => a - b);
  const next = points.map(() => 0);
  return places.map(place => [place, ...points.map((run, i) => {
    while (next[i] < run.length && run[next[i]][0] < place) ++next[i];
    if (next[i] === run.length) return null;
    const [x, y] = run[next[i]];
    if (x === place) return y;
    if (next[i] === 0) return null;
    const [fromX, fromY] = run[next[i] - 1];
    return fromY + (y - fromY) * (place - fromX) / (x - fromX);
  })]);
}

// Marks of phases, one for all runs where they lie over each other, else one a run in its colour. A name is written
// once, at the first run's mark, on the first of three lines that has room for it.
let labelled = [];
function drawPhases(canvas, area, chart) {
  canvas.font = '12px system-ui, sans-serif';
  const shown = drawn.filter(run => !view.hide.has(run.allocator));
  const marked = aligned() ? shown.slice(0, 1) : shown;
  for (const run of marked) {
    canvas.strokeStyle = aligned() ? css('--muted') : css(`--series-${seriesOf(run.allocator) % 6}`);
    canvas.setLineDash([3, 4]);
    for (const phase of run.phases) {
      const x = chart.toDomXCoord(placeOf(run, phase.begin));
      if (x < area.x || x > area.x + area.w) continue;
      canvas.beginPath();
      canvas.moveTo(x, area.y);
      canvas.lineTo(x, area.y + area.h);
      canvas.stroke();
    }
  }
  canvas.setLineDash([]);
  const free = [area.x, area.x, area.x];
  labelled = [];
  for (const phase of marked.length > 0 ? marked[0].phases : []) {
    const x = chart.toDomXCoord(placeOf(marked[0], phase.begin)), width = canvas.measureText(phase.name).width;
    if (x < area.x || x > area.x + area.w) continue;
    const end = area.x + area.w;
    const left = x + 4 + width <= end ? x + 4 : Math.max(area.x, x - 4 - width);
    const line = free.findIndex(from => left >= from);
    if (line < 0) continue;
    canvas.lineWidth = 3;
    canvas.strokeStyle = css('--page');
    canvas.strokeText(phase.name, left, area.y + 12 + 14 * line);
    canvas.lineWidth = 1;
    canvas.fillStyle = css('--muted');
    canvas.fillText(phase.name, left, area.y + 12 + 14 * line);
    free[line] = left + width + 10;
    labelled.push(phase.name);
  }
}

// A dot on each sample of a run whose samples are so far apart that the line between them hides how little is known.
const farApart = 10; // pixels, in the mean over what is in view
let dots = 0;
function decideOnDots(area, chart) {
  const [from, to] = chart.xAxisRange();
  for (const own of sampledAt) {
    const inView = [...own.places].filter(place => place >= from && place <= to).length;
    own.dotted = inView > 0 && area.w * (Math.min(to, own.last) - from) / (to - from) / inView >= farApart;
  }
}

function drawDot(chart, name, canvas, x, y, colour, size, row) {
  const own = sampledAt[names.indexOf(name)];
  if (!own.dotted || !own.places.has(chart.getValue(row, 0))) return;
  canvas.fillStyle = colour;
  canvas.beginPath();
  canvas.arc(x, y, size, 0, 2 * Math.PI);
  canvas.fill();
  ++dots;
}

function drawUnderlay(canvas, area, chart) {
  drawPhases(canvas, area, chart);
  decideOnDots(area, chart);
}

// For the reader, and for tests: what a drawing has.
function noteDrawing() {
  byId('chart-note').textContent = dots > 0 ? 'Dots: samples.' : '';
  Object.assign(document.body.dataset, {dots, labelled: labelled.join()});
  dots = 0;
}

const placeText = place => view.time === 'seconds' || phasesAgree ? place.toFixed(2) + ' s' : place.toFixed(0) + '%';

function showValues(chart) {
  const legend = byId('legend');
  legend.replaceChildren();
  if (chart.x === undefined) return '';
  legend.append(element('span', placeText(chart.x)));
  for (const series of chart.series) {
    if (!series.isVisible || series.y === undefined || series.y === null) continue;
    const entry = element('span');
    entry.append(swatch(seriesOf(series.label)), ` ${series.label} ${series.y.toFixed(1)} MiB`);
    legend.append(entry);
  }
  return '';
}

// From 0 to the highest sample, and room above it for the names of phases.
function valueRange() {
  const highest = drawn.flatMap(run => run.samples[view.measure]).reduce((a, b) => Math.max(a, b), 1024) / 1048576;
  return [0, (drawn.some(run => run.phases.length > 0) ? 1.2 : 1.05) * highest];
}

const options = () => ({
  file: rows(),
  valueRange: valueRange(),
  labels: ['time', ...names],
  colors: names.map(name => css(`--series-${seriesOf(name) % 6}`)),
  visibility: names.map(name => !view.hide.has(name)),
  xlabel: view.time === 'seconds' ? 'seconds' : aligned() ? `seconds of ${names[0]}, phases aligned` : '% of the run',
  axisLineColor: css('--line'),
  gridLineColor: css('--line'),
  rangeSelectorPlotFillColor: css('--line'),
  rangeSelectorPlotFillGradientColor: css('--panel'),
  rangeSelectorPlotStrokeColor: css('--muted'),
  rangeSelectorBackgroundStrokeColor: css('--line'),
  rangeSelectorForegroundStrokeColor: css('--muted'),
});

// What the chart shows, for those who do not see it.
function describe() {
  const measure = {rss: 'RSS', pss: 'PSS', private_dirty: 'Private dirty memory', cgroup: 'The control group\'s memory'}[view.measure];
  const shown = names.filter(name => !view.hide.has(name)).join(', ') || 'no allocator';
  byId('chart').setAttribute('aria-label', `${measure} under ${shown} over ${options().xlabel}`);
}

let chart = null;

function draw() {
  const {file, ...rest} = options();
  describe();
  if (chart) return chart.updateOptions({file, ...rest, dateWindow: null});
  chart = new Dygraph(byId('chart'), file, {
    ...rest, strokeWidth: 2, ylabel: 'MiB', labelsKMB: false, legend: 'always',
    legendFormatter: showValues, labelsDiv: element('div'), underlayCallback: drawUnderlay, showRangeSelector: true,
    rangeSelectorHeight: 28, highlightCircleSize: 4, xRangePad: 4, axisLabelWidth: 56,
    drawPoints: true, pointSize: 2.5, drawPointCallback: drawDot, drawCallback: noteDrawing,
  });
}

function wireControls() {
  names.forEach(name => {
    const label = element('label'), box = element('input');
    box.type = 'checkbox';
    box.name = 'show';
    box.value = name;
    box.checked = !view.hide.has(name);
    label.append(box, swatch(seriesOf(name)), name);
    byId('series').append(label);
  });
  const form = byId('controls');
  byId('cgroup').hidden = !measures().includes('cgroup');
  form.elements.measure.value = view.measure;
  form.elements.time.value = view.time;
  if (phasesAgree) byId('share-title').textContent = 'phases aligned';
  form.addEventListener('change', () => {
    view.measure = form.elements.measure.value;
    view.time = form.elements.time.value;
    view.hide = new Set([...form.querySelectorAll('[name=show]')].filter(box => !box.checked).map(box => box.value));
    writeAddress();
    draw();
  });
  byId('reset').addEventListener('click', () => chart.resetZoom());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

// ---- Tables.

function head(titles) {
  const row = element('tr');
  titles.forEach((title, i) => {
    const cell = element('th');
    const series = seriesOf(title);
    if (i > 0 && series >= 0) cell.append(swatch(series), ' ');
    cell.append(title);
    row.append(cell);
  });
  const made = element('thead');
  made.append(row);
  return made;
}

// The name of a cell's column, shown in front of it where the table is too narrow for columns.
function columnName(name) {
  const made = element('span', undefined, 'column');
  if (seriesOf(name) >= 0) made.append(swatch(seriesOf(name)));
  made.append(name);
  return made;
}

function plainCell(column, text, className) {
  const cell = element('td', undefined, className);
  cell.append(columnName(column), element('span', text));
  return cell;
}

// Only what is apart is stressed, and not where it rounds to nothing.
function figureCell(column, value) {
  const cell = element('td');
  const stressed = value.apart && value.ratio.toFixed(2) !== '1.00';
  const kind = !stressed ? '' : value.ratio < 1 ? 'better' : 'worse';
  const noise = value.within_noise && value.runs > 1 ? ' ~' : '';
  cell.append(columnName(column), element('span', value.text), ' ',
              element('span', value.ratio === null ? '' : value.ratio.toFixed(2) + '\u00d7' + noise, kind));
  if (value.runs > 1 && value.median > 0) {
    const spread = element('small', `\u00b1${(50 * (value.most - value.least) / value.median).toFixed(0)}%`);
    spread.title = `from ${value.least} to ${value.most}, ${value.runs} runs`;
    cell.append(spread);
  }
  return cell;
}

function fillFigures() {
  const table = byId('figures'), body = element('tbody');
  table.append(head(['', ...data.summary.map(column => column.allocator)]), body);
  for (const metric of data.metrics) {
    const cells = data.summary.map(column => column.metrics && column.metrics[metric.key]);
    if (cells.every(cell => !cell || cell.most <= 0)) continue;
    body.append(cellsRow(metric.title, data.summary, cells));
  }
  const counts = data.summary.map(column => column.good_runs), least = Math.min(...counts), most = Math.max(...counts);
  byId('figures-note').textContent = most === 0 ? 'No run succeeded.'
      : most === 1 ? 'One run each: what is noise is not known.'
      : `Medians of ${least === most ? most : `${least} to ${most}`} runs; ratios to ${data.summary[0].allocator}; ` +
        '\u00b1 half the range of the runs; ~ within noise: the ranges overlap. ' +
        'Stressed: three runs or more of both, and no overlap.';
  if (data.summary.some(column => column.metrics && (column.metrics.final_rss?.runs ?? 0) < column.good_runs))
    byId('figures-note').textContent += ' Final RSS: of the runs that stood still before they ended.';
}

// A row of cells: values, one a column; what a column without a good run says.
function cellsRow(title, columns, values) {
  const row = element('tr');
  row.append(element('th', title));
  columns.forEach((column, i) => row.append(
      values[i] ? figureCell(column.allocator, values[i])
      : column.metrics ? plainCell(column.allocator, '\u2013')
      : plainCell(column.allocator, column.failure || 'not run', 'failed')));
  return row;
}

function headingRow(title, columns) {
  const row = element('tr'), name = element('th', title, 'part');
  name.colSpan = columns.length + 1;
  row.append(name);
  return row;
}

function fillPhases() {
  const most = Math.max(...data.summary.map(column => column.phases.length));
  if (most === 0) return;
  byId('phases-section').hidden = false;
  const body = element('tbody');
  byId('phases').append(head(['', ...data.summary.map(column => column.allocator)]), body);
  for (let i = 0; i < most; ++i) {
    const phases = data.summary.map(column => column.phases[i]);
    body.append(headingRow(phases.find(phase => phase).name, data.summary));
    for (const metric of data.phase_metrics)
      body.append(cellsRow(metric.title, data.summary, phases.map(phase => phase && phase.metrics[metric.key])));
  }
}

// The same rows of every comparison, each a link to its own page.
function fillOverview() {
  if (comparisons.length < 2) return;
  byId('overview-section').hidden = false;
  const body = element('tbody'), choice = byId('comparison');
  byId('overview').append(head(['', ...data.summary.map(column => column.allocator)]), body);
  for (const metric of data.metrics.filter(each => ['wall', 'peak_rss', 'final_rss'].includes(each.key))) {
    body.append(headingRow(metric.title, data.summary));
    for (const each of comparisons)
      body.append(cellsRow(each.label, each.summary,
                           each.summary.map(column => column.metrics && column.metrics[metric.key])));
  }
  comparisons.forEach((each, i) => {
    const option = element('option', each.label);
    option.value = i + 1;
    choice.append(option);
  });
  choice.value = chosen;
  choice.addEventListener('change', () => {
    location.hash = new URLSearchParams({comparison: choice.value});
    location.reload();
  });
}

function fillRuns() {
  const table = byId('runs'), body = element('tbody');
  document.querySelector('#every-run summary').textContent = `${data.runs.length} runs, in the order in which they were made`;
  table.append(head(['', 'round', 'wall', 'user', 'sys', 'peak RSS', 'mean RSS', 'final RSS', 'outcome']), body);
  for (const run of data.runs) {
    const row = element('tr'), name = element('th');
    name.append(swatch(seriesOf(run.allocator)), ' ' + run.allocator);
    row.append(name, plainCell('round', run.round || 'warm-up'));
    for (const key of ['wall', 'user', 'sys']) row.append(plainCell(key, run[key].toFixed(3) + ' s'));
    for (const key of ['peak RSS', 'mean RSS', 'final RSS'])
      row.append(plainCell(key, mibOrDash(run[key.toLowerCase().replace(' ', '_')])));
    row.append(plainCell('outcome', run.failure || 'good', run.failure ? 'failed' : ''));
    body.append(row);
  }
}

function fillMachine() {
  const list = byId('machine');
  const add = (name, value) => list.append(element('dt', name), element('dd', value));
  Object.entries(data.machine).forEach(([name, value]) => add(name, value));
  data.allocators.forEach(each => add(each.name, each.library));
  const apart = Math.max(0, ...data.runs.map(run => run.interval_p99 || 0));
  add('samples', `every ${data.interval_ms} ms or more; 99% of them within ${(1000 * apart).toFixed(0)} ms of the next`);
}

function fillEnvironment() {
  const list = byId('environment'), told = Object.entries(data.environment);
  told.forEach(([name, value]) => list.append(element('dt', name), element('dd', value)));
  byId('environment-note').textContent =
      `${told.length === 0 ? 'None set' : 'No other set'} of those that are looked for: ${data.environment_names}.`;
}

function fillHeader() {
  byId('headline').textContent = data.headline;
  data.findings.forEach(finding => byId('findings').append(element('li', finding)));
  byId('command').textContent = data.command.map(word => /^[\w@%+=:,./-]+$/.test(word) ? word
                                                         : "'" + word.replaceAll("'", "'\\''") + "'").join(' ');
  byId('driver').hidden = !data.driver;
  byId('driver').querySelector('code').textContent = data.driver;
  const warnings = [...data.warnings];
  if (data.interrupted_by) warnings.push(`${data.interrupted_by} ended the comparison before all runs were made`);
  warnings.forEach(warning => byId('warnings').append(element('li', warning)));
  document.title = data.headline;
}

fillHeader();
fillFigures();
fillPhases();
fillOverview();
fillRuns();
fillMachine();
fillEnvironment();
if (drawn.length > 0) {
  readAddress();
  wireControls();
  draw();
}
document.body.dataset.drawn = drawn.length;
