'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const typical = data.summary.map(column => data.runs.find(run => run.allocator === column.allocator && run.typical));
const drawn = typical.filter(run => run && run.samples.seconds.length > 0);
const names = drawn.map(run => run.allocator);
const phaseNames = run => run.phases.map(phase => phase.name).join('\n');
const phasesAgree = drawn.length > 0 && drawn[0].phases.length > 0 &&
    drawn.every(run => phaseNames(run) === phaseNames(drawn[0]));

const byId = id => document.getElementById(id);
const mib = bytes => (bytes / 1048576).toFixed(1) + ' MiB';

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

const view = {measure: 'rss', time: 'seconds', hide: new Set()};

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (['rss', 'pss', 'private_dirty'].includes(asked.get('measure'))) view.measure = asked.get('measure');
  if (['seconds', 'share'].includes(asked.get('time'))) view.time = asked.get('time');
  view.hide = new Set((asked.get('hide') || '').split(',').filter(name => names.includes(name)));
}

function writeAddress() {
  const address = new URLSearchParams({measure: view.measure, time: view.time});
  if (view.hide.size > 0) address.set('hide', [...view.hide].join(','));
  history.replaceState(null, '', '#' + address);
}

// ---- The chart.

const lengthOf = run => run.samples.seconds[run.samples.seconds.length - 1];

// Seconds to the place on the axis: themselves, or per cent of the run; where all runs have the same phases, these
// are laid over those of the first run.
function placeOf(run, seconds) {
  if (view.time === 'seconds') return seconds;
  if (!phasesAgree) return 100 * seconds / lengthOf(run);
  const ends = each => [...each.phases.map(phase => phase.begin), Math.max(lengthOf(each), each.phases.at(-1).begin)];
  const own = ends(run), first = ends(drawn[0]);
  let from = 0, to = 0;
  for (let i = 0; i < own.length; ++i) {
    if (seconds <= own[i] || i === own.length - 1) {
      const part = own[i] > from ? (Math.min(seconds, own[i]) - from) / (own[i] - from) : 1;
      return 100 * (to + part * (first[i] - to)) / first[first.length - 1];
    }
    from = own[i];
    to = first[i];
  }
}

// One row for each moment at which any run was sampled; between its samples a run is on the line that joins them.
function rows() {
  const points = drawn.map(run => run.samples.seconds.map(
      (seconds, i) => [placeOf(run, seconds), run.samples[view.measure][i] / 1048576]));
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

function drawPhases(canvas, area, chart) {
  canvas.font = '12px system-ui, sans-serif';
  let labelled = false;
  drawn.forEach((run, i) => {
    if (view.hide.has(run.allocator)) return;
    let free = area.x;
    for (const phase of run.phases) {
      const x = chart.toDomXCoord(placeOf(run, phase.begin));
      if (x < area.x || x > area.x + area.w) continue;
      canvas.strokeStyle = css(`--series-${seriesOf(run.allocator) % 6}`);
      canvas.setLineDash([3, 4]);
      canvas.beginPath();
      canvas.moveTo(x, area.y);
      canvas.lineTo(x, area.y + area.h);
      canvas.stroke();
      if (!labelled && x >= free) {
        canvas.fillStyle = css('--muted');
        canvas.fillText(phase.name, x + 4, area.y + 12);
        free = x + canvas.measureText(phase.name).width + 12;
      }
    }
    labelled = labelled || run.phases.length > 0;
    canvas.setLineDash([]);
  });
}

const placeText = place => view.time === 'seconds' ? place.toFixed(2) + ' s' : place.toFixed(0) + '%';

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

const options = () => ({
  file: rows(),
  labels: ['time', ...names],
  colors: names.map(name => css(`--series-${seriesOf(name) % 6}`)),
  visibility: names.map(name => !view.hide.has(name)),
  xlabel: view.time === 'seconds' ? 'seconds' : '% of the run',
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
  const measure = {rss: 'RSS', pss: 'PSS', private_dirty: 'Private dirty memory'}[view.measure];
  const shown = names.filter(name => !view.hide.has(name)).join(', ') || 'no allocator';
  byId('chart').setAttribute('aria-label', `${measure} under ${shown} over ${options().xlabel}`);
}

let chart = null;

function draw() {
  const {file, ...rest} = options();
  describe();
  if (chart) return chart.updateOptions({file, ...rest, dateWindow: null});
  chart = new Dygraph(byId('chart'), file, {
    ...rest, strokeWidth: 2, includeZero: true, ylabel: 'MiB', labelsKMB: false, legend: 'always',
    legendFormatter: showValues, labelsDiv: element('div'), underlayCallback: drawPhases, showRangeSelector: true,
    rangeSelectorHeight: 28, highlightCircleSize: 4, xRangePad: 4, yRangePad: 18, axisLabelWidth: 56,
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

function figureCell(value, several) {
  const cell = element('td', value.text);
  if (value.ratio !== null) {
    const kind = value.within_noise || !several ? '' : value.ratio < 1 ? 'better' : value.ratio > 1 ? 'worse' : '';
    cell.append(' ', element('span', value.ratio.toFixed(2) + '\u00d7' + (value.within_noise && several ? ' ~' : ''), kind));
  }
  if (several && value.median > 0)
    cell.append(element('small', `\u00b1${(50 * (value.most - value.least) / value.median).toFixed(0)}%`));
  return cell;
}

function fillFigures() {
  const table = byId('figures'), body = element('tbody'), several = data.runs_of_each > 1;
  table.append(head(['', ...data.summary.map(column => column.allocator)]), body);
  for (const metric of data.metrics) {
    const cells = data.summary.map(column => column.metrics && column.metrics[metric.key]);
    if (cells.every(cell => !cell || cell.most <= 0)) continue;
    const row = element('tr');
    row.append(element('th', metric.title));
    cells.forEach((cell, i) => row.append(cell ? figureCell(cell, several)
                                               : element('td', data.summary[i].failure || 'not run', 'failed')));
    body.append(row);
  }
  byId('figures-note').textContent = several
      ? `Medians of ${data.runs_of_each} runs; ratios to ${data.summary[0].allocator}; \u00b1 half the range of the runs; ` +
        '~ within noise: the ranges overlap.'
      : 'One run each: what is noise is not known.';
}

function fillPhases() {
  const longest = drawn.reduce((a, b) => b.phases.length > a.phases.length ? b : a, {phases: []});
  if (longest.phases.length === 0) return;
  byId('phases-section').hidden = false;
  const body = element('tbody');
  byId('phases').append(head(['', ...names]), body);
  longest.phases.forEach((phase, i) => {
    const row = element('tr');
    row.append(element('th', phase.name));
    for (const run of drawn) row.append(element('td', run.phases[i] ? mib(run.phases[i].rss_at_end) : '\u2013'));
    body.append(row);
  });
}

function fillRuns() {
  const table = byId('runs'), body = element('tbody');
  document.querySelector('summary').textContent = `${data.runs.length} runs, in the order in which they were made`;
  table.append(head(['', 'round', 'wall', 'user', 'sys', 'peak RSS', 'mean RSS', 'final RSS', 'outcome']), body);
  for (const run of data.runs) {
    const row = element('tr'), name = element('th');
    name.append(swatch(seriesOf(run.allocator)), ' ' + run.allocator);
    row.append(name, element('td', run.round));
    for (const key of ['wall', 'user', 'sys']) row.append(element('td', run[key].toFixed(3) + ' s'));
    for (const key of ['peak_rss', 'mean_rss', 'final_rss']) row.append(element('td', mib(run[key])));
    row.append(element('td', run.failure || 'good', run.failure ? 'failed' : ''));
    body.append(row);
  }
}

function fillMachine() {
  const list = byId('machine');
  const add = (name, value) => list.append(element('dt', name), element('dd', value));
  Object.entries(data.machine).forEach(([name, value]) => add(name, value));
  data.allocators.forEach(each => add(each.name, each.library));
  add('samples', `every ${data.interval_ms} ms or more`);
}

function fillHeader() {
  byId('allocators').textContent = data.allocators.map(each => each.name).join(', ');
  byId('command').textContent = data.command.map(word => /^[\w@%+=:,./-]+$/.test(word) ? word
                                                         : "'" + word.replaceAll("'", "'\\''") + "'").join(' ');
  byId('driver').hidden = !data.driver;
  byId('driver').querySelector('code').textContent = data.driver;
  data.warnings.forEach(warning => byId('warnings').append(element('li', warning)));
  document.title = `${data.command[0].split('/').pop()}: krait compare`;
}

fillHeader();
fillFigures();
fillPhases();
fillRuns();
fillMachine();
if (drawn.length > 0) {
  readAddress();
  wireControls();
  draw();
}
document.body.dataset.drawn = drawn.length;
