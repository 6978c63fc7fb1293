'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const byId = id => document.getElementById(id);
const count = number => number.toLocaleString('en');

function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; Math.abs(number) >= 1024 && unit < units.length - 1; ++unit) number /= 1024;
  return (unit === 0 ? String(number) : number.toFixed(1)) + ' ' + units[unit];
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// What a node is called, and all that the search looks at.
function textOf(node) {
  return [node.name, node.where, node.address, ...(node.containers || []).map(each => each.text)].filter(Boolean).join(' ');
}

let wanted = '';
const matches = node => wanted !== '' && textOf(node).toLowerCase().includes(wanted);
const hasMatch = node => matches(node) || (node.held || []).some(hasMatch);

function rowOf(node, whole) {
  const row = element('div', undefined, 'row');
  row.append(element('span', bytes(node.retained.bytes), 'amount'));
  const bar = element('span', undefined, 'bar');
  const filled = element('i');
  filled.style.width = 100 * node.retained.bytes / whole + '%';
  bar.append(filled);
  const name = element('span', undefined, 'name');
  name.append(element(matches(node) ? 'mark' : 'span', node.name));
  const more = [node.where, node.address, ...(node.containers || []).map(each => each.text),
                count(node.retained.blocks) + (node.retained.blocks === 1 ? ' block' : ' blocks')];
  name.append(' ', element('small', more.filter(Boolean).join(', ')));
  row.append(bar, name);
  return row;
}

// Children are made when they are first shown: there may be thousands.
function nodeOf(node, whole, isOpen) {
  const made = element('div', undefined, 'node');
  const row = rowOf(node, whole);
  row.setAttribute('role', 'treeitem');
  made.append(row);
  const held = node.held || [];
  if (held.length === 0 && !node.others) return made;
  let below = null;
  const open = shown => {
    row.setAttribute('aria-expanded', shown);
    if (shown && !below) {
      below = element('div');
      below.setAttribute('role', 'group');
      for (const each of held) below.append(nodeOf(each, whole, wanted !== '' && hasMatch(each)));
      if (node.others) below.append(nodeOf({name: '(smaller ones)', retained: node.others}, whole, false));
      made.append(below);
    }
    if (below) below.hidden = !shown;
  };
  row.classList.add('opens');
  row.tabIndex = 0;
  const turn = () => open(row.getAttribute('aria-expanded') !== 'true');
  row.addEventListener('click', turn);
  row.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    turn();
  });
  open(isOpen);
  return made;
}

function drawTree() {
  const whole = Math.max(1, data.live.bytes - data.unreachable.bytes);
  const shown = wanted === '' ? data.holders : data.holders.filter(hasMatch);
  byId('tree').replaceChildren(...shown.slice(0, 500).map(each => nodeOf(each, whole, wanted !== '')));
  byId('found').textContent = wanted === '' ? '' : count(shown.length) + ' of ' + count(data.holders.length) + ' holders';
}

function fillTable(table, heads, rows) {
  const head = element('tr');
  for (const each of heads) head.append(element('th', each));
  table.append(head);
  for (const row of rows) {
    const made = element('tr');
    for (const each of row) made.append(element('td', String(each), /^[+-]?[\d.,]+( [KMGT]?i?B)?$/.test(String(each)) ? 'number' : ''));
    table.append(made);
  }
}

byId('headline').textContent = data.program + ' (process ' + data.process + ')';
byId('totals').textContent = bytes(data.live.bytes) + ' live in ' + count(data.live.blocks) + ' blocks; ' +
    bytes(data.unreachable.bytes) + ' unreachable in ' + count(data.unreachable.blocks) + '; it stood still for ' +
    (1000 * data.seconds_stopped).toFixed(1) + ' ms, ' + data.how;
for (const each of data.shapes) byId('shapes').append(element('li', each.sentence));
if (data.shapes.length === 0) byId('shapes').append(element('li', 'like nothing that is known here'));
fillTable(byId('lost'), ['with all behind', 'blocks', 'their own', 'what', 'from', 'as'],
          data.lost_groups.map(each => [bytes(each.own.bytes + each.behind.bytes), count(each.own.blocks),
                                        bytes(each.own.bytes), each.looks + (each.circle ? ', in a circle' : ''),
                                        each.place || '', each.example]));
if (data.grown) {
  byId('grown-section').hidden = false;
  fillTable(byId('grown'), ['bytes', 'blocks', 'holder'],
            data.grown.map(each => [(each.bytes > 0 ? '+' : '') + bytes(each.bytes),
                                    (each.blocks > 0 ? '+' : '') + count(each.blocks), each.name]));
}
byId('search').addEventListener('input', event => {
  wanted = event.target.value.trim().toLowerCase();
  drawTree();
});
drawTree();
