'use strict';

// ---- The data (src/tools/trace/page_data.cpp says what is in it).

const data = JSON.parse(document.getElementById('data').textContent);
const {texts, frames, nodes, places, moves, threads, sides} = data;
const isDiff = sides.length === 2;
const nodeCount = nodes.parent.length, placeCount = places.node.length, bucketCount = sides[0].live.length;
const frameOf = node => frames[nodes.frame[node]];
const nameOf = frame => texts[frame[0]];
const whereOf = frame => frame[2] > 0 ? `${texts[frame[1]]}:${frame[2]}` : texts[frame[1]] || texts[frame[3]];
const baseName = path => path.slice(path.lastIndexOf('/') + 1);

const byId = id => document.getElementById(id);
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function bytesText(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; Math.abs(bytes) >= 1023.5 && unit < 4; ++unit) bytes /= 1024;
  return unit === 0 ? `${Math.round(bytes)} B` : `${bytes.toFixed(1)} ${units[unit]}`;
}
const countText = count => Math.round(count).toLocaleString('en');
const secondsText = seconds => seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;

// ---- What is looked at; kept in the address, so that a link shows the same.

const whole = {peak: 'Live at peak', end: 'Live at end', bytes: 'Allocated', temporary: 'Temporary', calls: 'Calls'};
const ofSpan = {span_bytes: 'Allocated', span_growth: 'Grown', span_live: 'Live at its end', span_calls: 'Calls'};
const view = {metric: 'peak', shape: 'icicle', thread: -1, library: -1, search: '', from: 0, to: bucketCount, zoom: 0};
const hasSpan = () => view.from > 0 || view.to < bucketCount;
const metricsNow = () => hasSpan() ? ofSpan : whole;
const isCalls = () => view.metric.endsWith('calls');
const amountText = value => isCalls() ? countText(value) : bytesText(value);

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const key of ['thread', 'library', 'from', 'to'])
    if (/^\d+$/.test(asked.get(key) || '')) view[key] = +asked.get(key);
  if (view.thread >= threads.length) view.thread = -1;
  if (view.library >= data.libraries.length) view.library = -1;
  view.to = Math.min(view.to, bucketCount);
  if (view.from >= view.to) [view.from, view.to] = [0, bucketCount];
  view.search = asked.get('search') || '';
  if (asked.get('shape') === 'flame') view.shape = 'flame';
  if (asked.get('metric') in metricsNow()) view.metric = asked.get('metric');
  else if (hasSpan()) view.metric = 'span_bytes';
}

function writeAddress() {
  const address = new URLSearchParams({metric: view.metric});
  if (view.shape !== 'icicle') address.set('shape', view.shape);
  if (view.thread >= 0) address.set('thread', view.thread);
  if (view.library >= 0) address.set('library', view.library);
  if (view.search) address.set('search', view.search);
  if (hasSpan()) {
    address.set('from', view.from);
    address.set('to', view.to);
  }
  history.replaceState(null, '', '#' + address);
}

// ---- Costs: of places by metric, then of nodes with all that is above them.

// A value for each place; of a span it is added up from the movements in its buckets.
function placeValues(metric) {
  if (metric in places) return places[metric];
  const values = new Float64Array(placeCount);
  for (let i = 0; i < moves.place.length; ++i) {
    const bucket = moves.bucket[i];
    if (bucket >= view.to) continue;
    const grown = moves.bytes[i] - moves.released[i];
    if (metric === 'span_live') values[moves.place[i]] += grown;
    else if (bucket >= view.from)
      values[moves.place[i]] += metric === 'span_bytes' ? moves.bytes[i] : metric === 'span_calls' ? moves.calls[i] : grown;
  }
  // What shrank has no width.
  if (!isDiff) for (let i = 0; i < placeCount; ++i) values[i] = Math.max(0, values[i]);
  return values;
}

const libraryNodes = new Map();
function nodesInLibrary(library) {
  if (!libraryNodes.has(library)) {
    const within = new Uint8Array(nodeCount);
    const text = data.libraries[library];
    for (let node = 1; node < nodeCount; ++node)
      within[node] = within[nodes.parent[node]] | (frameOf(node)[3] === text);
    libraryNodes.set(library, within);
  }
  return libraryNodes.get(library);
}

// total: width of each node. In a difference, widths are what both have, and change is the second's less the first's.
let total = new Float64Array(nodeCount), change = new Float64Array(nodeCount), children = [];
function addUp() {
  total = new Float64Array(nodeCount);
  change = new Float64Array(nodeCount);
  const values = placeValues(view.metric);
  const within = view.library >= 0 ? nodesInLibrary(view.library) : null;
  for (let i = 0; i < placeCount; ++i) {
    if (view.thread >= 0 && places.thread[i] !== view.thread) continue;
    const node = places.node[i];
    if (within && !within[node]) continue;
    total[node] += values[i];
    change[node] += places.side[i] === 1 ? values[i] : -values[i];
  }
  for (let node = nodeCount - 1; node > 0; --node) {
    total[nodes.parent[node]] += total[node];
    change[nodes.parent[node]] += change[node];
  }
  children = Array.from({length: nodeCount}, () => []);
  for (let node = 1; node < nodeCount; ++node)
    if (total[node] > 0) children[nodes.parent[node]].push(node);
  for (const each of children)
    if (each.length > 1) each.sort((a, b) => total[b] - total[a]);
  if (!(total[view.zoom] > 0)) view.zoom = 0;
}

// ---- The graph.

const canvas = byId('flames'), tip = byId('tip'), rowHeight = 22;
let drawn = [], searched = null, hovered = -1, focused = 0;

const hues = new Map();
function colourOf(node) {
  if (isDiff) {
    const share = Math.max(-1, Math.min(1, total[node] > 0 ? change[node] / total[node] : 0));
    const strength = Math.abs(share) < .02 ? 0 : .25 + .75 * Math.abs(share);
    const [hue, saturation, light] = css(share < 0 ? '--shrunk' : '--grown').split(' ');
    return strength === 0 ? `hsl(${css('--same')})` : `hsl(${hue} ${parseFloat(saturation) * strength}% ${light})`;
  }
  const frame = frameOf(node);
  const key = frame[3];
  if (!hues.has(key)) hues.set(key, (205 + hues.size * 137.5) % 360);
  // Neighbours of one library differ a little, so that their edges show.
  const shade = ((frame[0] * 7919) % 9) - 4;
  return `hsl(${hues.get(key)} ${css('--strength')} ${parseFloat(css('--light')) + shade}%)`;
}

function matchesSearch(node, words) {
  const frame = frameOf(node);
  return [nameOf(frame), texts[frame[1]], texts[frame[3]]].some(text => text.toLowerCase().includes(words));
}

// Rows from the ancestors of the zoomed node down; frames under half a pixel are left out with all above them.
function layOut(width) {
  drawn = [];
  const path = [];
  for (let at = view.zoom; ; at = nodes.parent[at]) {
    path.unshift(at);
    if (at === 0) break;
  }
  path.forEach((node, row) => drawn.push({node, row, x: 0, width}));
  let level = [drawn[drawn.length - 1]];
  for (let row = path.length; level.length > 0; ++row) {
    const next = [];
    for (const parent of level) {
      let x = parent.x;
      for (const node of children[parent.node]) {
        const share = parent.width * total[node] / total[parent.node];
        if (share < .5) break;
        next.push({node, row, x, width: share});
        x += share;
      }
    }
    drawn.push(...next);
    level = next;
  }
  return 1 + drawn[drawn.length - 1].row;
}

let rows = 1;
const topOf = box => (view.shape === 'icicle' ? box.row : rows - 1 - box.row) * rowHeight;

function draw() {
  const width = canvas.parentElement.clientWidth;
  rows = layOut(width);
  const height = Math.max(rows, 4) * rowHeight, ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  pen.font = '12px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  const words = view.search.toLowerCase(), page = css('--page'), ink = css('--frame-text'), mark = css('--found');
  const panel = css('--panel'), plain = css('--text');
  let found = 0, matched = new Set();
  if (words)
    for (let node = 1; node < nodeCount; ++node)
      if (total[node] > 0) {
        const above = matched.has(nodes.parent[node]);
        const own = matchesSearch(node, words);
        if (own && !above) found += total[node];
        if (own || above) matched.add(node);
      }
  searched = words ? {share: total[0] > 0 ? found / total[0] : 0} : null;
  for (const box of drawn) {
    const y = topOf(box), isRoot = box.node === 0;
    pen.globalAlpha = box.row < rows && box.node !== view.zoom && box.width === width && isAncestor(box.node) ? .55 : 1;
    pen.fillStyle = isRoot ? panel : words && matchesSearch(box.node, words) ? mark : colourOf(box.node);
    pen.fillRect(box.x, y, Math.max(.5, box.width - (box.width > 3 ? 1 : 0)), rowHeight - 1);
    if (box.node === hovered || (box.node === focused && document.activeElement === canvas)) {
      pen.strokeStyle = plain;
      pen.lineWidth = 2;
      pen.strokeRect(box.x + 1, y + 1, Math.max(1, box.width - 3), rowHeight - 3);
    }
    if (box.width > 34) {
      pen.fillStyle = isRoot ? plain : words && matchesSearch(box.node, words) ? page : ink;
      pen.save();
      pen.beginPath();
      pen.rect(box.x + 4, y, box.width - 8, rowHeight);
      pen.clip();
      pen.fillText(isRoot ? `all: ${amountText(total[0])}` : nameOf(frameOf(box.node)), box.x + 5, y + rowHeight / 2);
      pen.restore();
    }
  }
  pen.globalAlpha = 1;
  byId('zoom-out').disabled = view.zoom === 0;
  const boxes = drawn.length.toLocaleString('en');
  byId('shown').textContent = total[0] > 0
    ? `${boxes} frames` + (searched ? `; ${(100 * searched.share).toFixed(1)}% go through what is searched` : '')
    : 'Nothing of this kind was found.';
  canvas.setAttribute('aria-label', `${metricsNow()[view.metric]}: ${amountText(total[0])} by stack`);
  const notes = document.body.dataset;
  notes.frames = drawn.length;
  notes.total = total[0];
  notes.found = searched ? searched.share.toFixed(4) : '';
}

function isAncestor(node) {
  for (let at = view.zoom; at !== 0;) {
    at = nodes.parent[at];
    if (at === node) return true;
  }
  return false;
}

function boxAt(event) {
  const place = canvas.getBoundingClientRect();
  const x = event.clientX - place.x, y = event.clientY - place.y;
  return drawn.find(box => x >= box.x && x < box.x + box.width && y >= topOf(box) && y < topOf(box) + rowHeight);
}

function describe(node) {
  tip.replaceChildren();
  if (node === 0) {
    tip.append(element('div', `all: ${amountText(total[0])}`));
    return;
  }
  const frame = frameOf(node);
  tip.append(element('strong', nameOf(frame)), element('small', whereOf(frame)),
             element('div', `${amountText(total[node])}, ${(100 * total[node] / total[0]).toFixed(1)}%`));
  if (isDiff) {
    const before = (total[node] - change[node]) / 2, after = (total[node] + change[node]) / 2;
    tip.lastChild.textContent =
        `${amountText(before)} before, ${amountText(after)} after: ${change[node] > 0 ? '+' : ''}${amountText(change[node])}`;
  }
}

function zoomTo(node) {
  view.zoom = view.focused = node;
  focused = node;
  tip.hidden = true;
  draw();
}

canvas.addEventListener('mousemove', event => {
  const box = boxAt(event);
  const now = box ? box.node : -1;
  if (now !== hovered) {
    hovered = now;
    draw();
  }
  tip.hidden = !box;
  if (!box) return;
  describe(box.node);
  const place = canvas.getBoundingClientRect();
  const x = Math.min(event.clientX - place.x + 12, place.width - tip.offsetWidth - 4);
  const below = event.clientY - place.y + 16;
  tip.style.left = `${Math.max(4, x)}px`;
  tip.style.top = `${below + tip.offsetHeight > place.height ? Math.max(2, below - tip.offsetHeight - 30) : below}px`;
});
canvas.addEventListener('mouseleave', () => {
  hovered = -1;
  tip.hidden = true;
  draw();
});
canvas.addEventListener('click', event => {
  const box = boxAt(event);
  if (box) zoomTo(box.node);
});
// Outwards and inwards along the stack, and to the neighbours of one caller.
canvas.addEventListener('keydown', event => {
  const siblings = children[nodes.parent[focused]] || [];
  const at = siblings.indexOf(focused);
  const inwards = view.shape === 'icicle' ? 'ArrowDown' : 'ArrowUp', outwards = view.shape === 'icicle' ? 'ArrowUp' : 'ArrowDown';
  if (event.key === inwards && children[focused].length > 0) focused = children[focused][0];
  else if (event.key === outwards) focused = nodes.parent[focused];
  else if (event.key === 'ArrowRight' && focused !== 0 && at + 1 < siblings.length) focused = siblings[at + 1];
  else if (event.key === 'ArrowLeft' && focused !== 0 && at > 0) focused = siblings[at - 1];
  else if (event.key === 'Enter') zoomTo(focused);
  else if (event.key === 'Escape') zoomTo(0);
  else return;
  event.preventDefault();
  describe(focused);
  draw();
  byId('shown').textContent = tip.textContent;
});

// ---- Memory over time.

let chart = null;
function drawChart() {
  const longest = Math.max(...sides.map(side => side.seconds));
  const labels = ['seconds'], colours = [], series = {};
  sides.forEach((side, i) => {
    const name = isDiff ? (i === 0 ? 'before' : 'after') : 'live';
    labels.push(name);
    colours.push(css(isDiff && i === 0 ? '--resident' : '--live'));
    series[name] = {fillGraph: !isDiff, strokeWidth: 1.5};
  });
  const hasResident = !isDiff && sides[0].resident.some(value => value > 0);
  if (hasResident) {
    labels.push('RSS');
    colours.push(css('--resident'));
    series.RSS = {strokeWidth: 1.5, fillGraph: false};
  }
  // Each bucket at its end, with the most that was live in it; the start is zero.
  const rowsOf = [[0, ...sides.map(() => 0), ...(hasResident ? [null] : [])]];
  for (let i = 0; i < bucketCount; ++i) {
    const row = [longest * (i + 1) / bucketCount];
    for (const side of sides) row.push(side.highest[i] / 1048576);
    if (hasResident) row.push(sides[0].resident[i] > 0 ? sides[0].resident[i] / 1048576 : null);
    rowsOf.push(row);
  }
  const legend = byId('legend');
  const say = values => legend.replaceChildren(...values.map(([name, colour, text]) => {
    const made = element('span');
    const dot = element('i', '', 'swatch');
    dot.style.setProperty('--colour', colour);
    made.append(dot, `${name}${text}`);
    return made;
  }));
  // The axis in a unit in which its numbers are short.
  const [unit, perSecond] = longest < 2e-3 ? ['microseconds', 1e6] : longest < 2 ? ['milliseconds', 1e3] : ['seconds', 1];
  const rest = () => say(labels.slice(1).map((name, i) => [name, colours[i], '']));
  chart = new Dygraph(byId('chart'), rowsOf, {
    labels, colors: colours, series, legend: 'never', drawGrid: true, gridLineColor: css('--line'), axisLineColor: css('--line'),
    includeZero: true, ylabel: 'MiB', xlabel: unit, yRangePad: 6, fillAlpha: .18, animatedZooms: false,
    dateWindow: [0, longest], highlightCircleSize: 3, connectSeparatedPoints: true,
    axes: {x: {axisLabelFormatter: x => String(+(x * perSecond).toPrecision(6))}, y: {axisLabelWidth: 46}},
    highlightCallback: (event, x, points) => say([...points.map(
        point => [point.name, colours[labels.indexOf(point.name) - 1], ` ${bytesText(point.yval * 1048576)}`]),
        ['', 'transparent', `at ${secondsText(x)}`]]),
    unhighlightCallback: rest,
    underlayCallback: (pen, area, made) => {
      if (!hasSpan() || isDiff) return;
      const left = made.toDomXCoord(longest * view.from / bucketCount), right = made.toDomXCoord(longest * view.to / bucketCount);
      pen.fillStyle = css('--accent');
      pen.globalAlpha = .16;
      pen.fillRect(left, area.y, right - left, area.h);
      pen.globalAlpha = 1;
    },
    // Dragging selects the span whose allocations the graph shows; the chart itself stays.
    interactionModel: isDiff ? {} : {
      mousedown: (event, made, context) => {
        context.initializeMouseDown(event, made, context);
        Dygraph.startZoom(event, made, context);
      },
      mousemove: (event, made, context) => { if (context.isZooming) Dygraph.moveZoom(event, made, context); },
      mouseup: (event, made, context) => {
        if (!context.isZooming) return;
        const ends = [context.dragStartX, context.dragEndX].map(x => made.toDataXCoord(x)).sort((a, b) => a - b);
        const wasDragged = context.dragEndX !== null && Math.abs(context.dragEndX - context.dragStartX) > 4;
        context.isZooming = false;
        made.clearZoomRect_();
        if (wasDragged) selectSpan(Math.floor(ends[0] / longest * bucketCount), Math.ceil(ends[1] / longest * bucketCount));
      },
      dblclick: () => selectSpan(0, bucketCount),
      touchstart: (event, made, context) => { context.touchedAt = event.touches[0].clientX; },
      touchend: (event, made, context) => {
        const left = byId('chart').getBoundingClientRect().x;
        const ends = [context.touchedAt, event.changedTouches[0].clientX].map(x => made.toDataXCoord(x - left)).sort((a, b) => a - b);
        if (Math.abs(event.changedTouches[0].clientX - context.touchedAt) > 8)
          selectSpan(Math.floor(ends[0] / longest * bucketCount), Math.ceil(ends[1] / longest * bucketCount));
      },
    },
  });
  rest();
}

function selectSpan(from, to) {
  const had = hasSpan();
  view.from = Math.max(0, Math.min(from, bucketCount - 1));
  view.to = Math.max(view.from + 1, Math.min(to, bucketCount));
  if (hasSpan() !== had) view.metric = hasSpan() ? 'span_bytes' : 'peak';
  fillMetrics();
  chart.updateOptions({});
  refresh();
}

// ---- The table of places, by own frames.

const columns = isDiff ? [] : ['peak', 'end', 'bytes', 'temporary', 'calls'];
let sortedBy = 'peak';

function ownFrame(node) {
  for (let at = node; at !== 0; at = nodes.parent[at])
    if (!frameOf(at)[4]) return nodes.frame[at];
  return node === 0 ? -1 : nodes.frame[node];
}

function placeRows() {
  const rowsOf = new Map();
  const within = view.library >= 0 ? nodesInLibrary(view.library) : null;
  const values = isDiff ? {now: placeValues(view.metric)} : Object.fromEntries(columns.map(each => [each, places[each]]));
  for (let i = 0; i < placeCount; ++i) {
    if (view.thread >= 0 && places.thread[i] !== view.thread) continue;
    if (within && !within[places.node[i]]) continue;
    const frame = ownFrame(places.node[i]);
    const key = frame < 0 ? '' : `${frames[frame][0]}:${frames[frame][1]}:${frames[frame][2]}`;
    if (!rowsOf.has(key)) rowsOf.set(key, {frame, before: 0, after: 0, ...Object.fromEntries(columns.map(each => [each, 0]))});
    const row = rowsOf.get(key);
    for (const each of columns) row[each] += values[each][i];
    if (isDiff) row[places.side[i] === 1 ? 'after' : 'before'] += values.now[i];
  }
  return [...rowsOf.values()];
}

function fillPlaces() {
  const shownColumns = isDiff ? ['before', 'after', 'change'] : columns;
  const titles = {...whole, before: 'Before', after: 'After', change: 'Change'};
  const cell = (row, each) => each === 'change' ? row.after - row.before : row[each];
  const text = (each, value) => each === 'calls' || (isDiff && isCalls()) ? countText(value) : bytesText(value);
  if (isDiff && !shownColumns.includes(sortedBy)) sortedBy = 'change';
  const all = placeRows().sort((a, b) => Math.abs(cell(b, sortedBy)) - Math.abs(cell(a, sortedBy)));
  const head = element('tr');
  head.append(element('th', 'Place'));
  for (const each of shownColumns) {
    const title = element('th');
    const button = element('button', titles[each]);
    button.type = 'button';
    button.addEventListener('click', () => {
      sortedBy = each;
      fillPlaces();
    });
    if (each === sortedBy) title.setAttribute('aria-sort', 'descending');
    title.append(button);
    head.append(title);
  }
  const body = element('tbody');
  for (const row of all.slice(0, 100)) {
    const line = element('tr'), name = element('th');
    if (row.frame < 0) name.append('the rest, each less than a thousandth');
    else name.append(nameOf(frames[row.frame]), element('small', whereOf(frames[row.frame])));
    line.append(name);
    for (const each of shownColumns) {
      const value = element('td');
      value.append(element('span', titles[each], 'column'), (each === 'change' && cell(row, each) > 0 ? '+' : '') + text(each, cell(row, each)));
      line.append(value);
    }
    if (row.frame >= 0) line.addEventListener('click', () => {
      byId('search').value = view.search = nameOf(frames[row.frame]);
      refresh();
      byId('graph').scrollIntoView({block: 'nearest'});
    });
    body.append(line);
  }
  const header = element('thead');
  header.append(head);
  byId('places').replaceChildren(header, body);
}

// ---- The rest of the page.

function fillMetrics() {
  const box = byId('metrics');
  box.querySelectorAll('label').forEach(each => each.remove());
  for (const [key, title] of Object.entries(metricsNow())) {
    const label = element('label'), input = element('input');
    Object.assign(input, {type: 'radio', name: 'metric', value: key, checked: key === view.metric});
    input.addEventListener('change', () => {
      view.metric = key;
      refresh();
    });
    label.append(input, element('span', title));
    box.append(label);
  }
}

function fillSelect(select, all, titles, key) {
  select.append(new Option('all', -1));
  titles.forEach((title, i) => select.append(new Option(title, i)));
  select.value = view[key];
  select.addEventListener('change', () => {
    view[key] = +select.value;
    refresh();
  });
}

function refresh() {
  addUp();
  draw();
  fillPlaces();
  writeAddress();
  const step = sides[0].seconds / bucketCount;
  byId('span-text').textContent = isDiff ? 'Both traces from their starts.'
      : hasSpan() ? `The graph shows ${secondsText(view.from * step)} to ${secondsText(view.to * step)}.`
      : 'Drag over a span to see its allocations alone.';
  byId('span-clear').hidden = !hasSpan();
  document.body.dataset.metric = view.metric;
  document.body.dataset.rows = byId('places').querySelectorAll('tbody tr').length;
}

function fillHead() {
  byId('headline').textContent = document.title = data.title;
  byId('command').textContent = data.command;
  for (const each of data.warnings) byId('warnings').append(element('li', each));
  for (const [title, value, note] of data.totals) {
    const box = element('div'), text = element('dd', value);
    if (note) text.append(element('small', note));
    box.append(element('dt', title), text);
    byId('totals').append(box);
  }
  byId('colours').textContent = isDiff
    ? 'Widths are what both traces have together. Red grew, blue shrank, grey stayed.'
    : 'Each library has a colour. A click zooms in; arrows, Enter and Escape do the same from the keyboard.';
}

readAddress();
fillHead();
fillMetrics();
fillSelect(byId('thread'), threads, threads, 'thread');
fillSelect(byId('library'), data.libraries, data.libraries.map(text => baseName(texts[text])), 'library');
byId('search').value = view.search;
byId('search').addEventListener('input', () => {
  view.search = byId('search').value.trim();
  draw();
  writeAddress();
});
byId('zoom-out').addEventListener('click', () => zoomTo(0));
byId('span-clear').addEventListener('click', () => selectSpan(0, bucketCount));
for (const input of document.querySelectorAll('[name=shape]')) {
  input.checked = input.value === view.shape;
  input.addEventListener('change', () => {
    view.shape = input.value;
    draw();
    writeAddress();
  });
}
drawChart();
refresh();
let redrawing = 0;
window.addEventListener('resize', () => {
  cancelAnimationFrame(redrawing);
  redrawing = requestAnimationFrame(draw);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  chart.destroy();
  drawChart();
  draw();
});
