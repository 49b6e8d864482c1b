'use strict';
(() => {
  const results = JSON.parse(document.getElementById('results').textContent);
  const byId = id => document.getElementById(id);
  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const suites = [...new Set(results.charts.map(chart => chart.suite))];
  const contenders = [...new Set(results.charts.flatMap(chart => chart.points.map(p => p.contender)))];
  const isOurs = name => name.startsWith('carafe');
  const colours = new Map();
  const others = contenders.filter(name => !isOurs(name));
  others.forEach((name, i) => colours.set(name, `hsl(${Math.round(190 + 330 * i / others.length) % 360} ${45 + 15 * (i % 2)}% ${i % 3 === 0 ? 45 : i % 3 === 1 ? 58 : 68}%)`));
  contenders.filter(isOurs).forEach((name, i) => colours.set(name, i === 0 ? '#ea580c' : '#f59e0b'));

  const state = {suite: suites[0], hidden: new Set(), words: ''};
  let drawn = [];

  const digits = value => String(Number(value.toPrecision(3)));
  const short = value => {
    if (!Number.isFinite(value)) return '–';
    const size = Math.abs(value);
    if (size >= 1e9) return digits(value / 1e9) + ' G';
    if (size >= 1e6) return digits(value / 1e6) + ' M';
    if (size >= 1e4) return digits(value / 1e3) + ' k';
    if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
    return digits(value);
  };
  const FONT = 'system-ui, sans-serif';
  const pen = document.createElement('canvas').getContext('2d');
  const textWidth = (text, size = 12) => {
    pen.font = `${size}px ${FONT}`;
    return Math.ceil(pen.measureText(text).width);
  };
  const widest = (texts, size) => Math.max(0, ...texts.map(text => textWidth(text, size)));
  // One fork has no spread: two digits and a mark.
  const rounded = value => Number.isFinite(value) ? Number(value.toPrecision(2)) : value;
  const label = p => p.forks < 2 ? '≈ ' + short(rounded(p.mean)) : short(p.mean);
  const spread = p => p.forks < 2 ? label(p) + ' (one fork)' : `${short(p.mean)} (${short(p.low)} … ${short(p.high)}, ${p.forks} forks)`;
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const errorBar = (api, horizontal) => {
    const at = api.value(0);
    const [low, high] = [api.value(1), api.value(2)];
    const a = horizontal ? api.coord([low, at]) : api.coord([at, low]);
    const b = horizontal ? api.coord([high, at]) : api.coord([at, high]);
    const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: style('--front'), lineWidth: 1.3}});
    const t = 4;
    return {type: 'group', children: horizontal
      ? [line(a[0], a[1], b[0], b[1]), line(a[0], a[1] - t, a[0], a[1] + t), line(b[0], b[1] - t, b[0], b[1] + t)]
      : [line(a[0], a[1], b[0], b[1]), line(a[0] - t, a[1], a[0] + t, a[1]), line(b[0] - t, b[1], b[0] + t, b[1])]};
  };

  const common = description => ({
    animation: false,
    textStyle: {color: style('--front'), fontFamily: FONT},
    aria: {enabled: true, label: {description}},
  });
  const axis = ({axisLabel, ...extra}) => ({
    axisLine: {lineStyle: {color: style('--line')}},
    splitLine: {lineStyle: {color: style('--line')}},
    nameTextStyle: {color: style('--quiet')},
    ...extra,
    axisLabel: {color: style('--front'), fontFamily: FONT, fontSize: 12, hideOverlap: true,
      ...(extra.type === 'category' ? {} : {formatter: short}), ...axisLabel},
  });
  const LOG_NAME = 'logarithmic scale';
  // The range of a logarithmic axis, from a power of ten to a power of ten.
  const decades = values => ({
    min: 10 ** Math.floor(Math.log10(Math.min(...values))),
    max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
  });
  const wantsLog = values => {
    const some = values.filter(v => v > 0);
    return some.length === values.length && some.length > 0 && Math.max(...some) / Math.min(...some) > 60;
  };
  const describe = (chart, points) => `${heading(chart)}, ${chart.unit}, ${chart.higherIsBetter ? 'higher' : 'lower'} is better. `
    + points.map(p => `${p.contender}${p.x ? ' at ' + p.x : ''}: ${spread(p)}`).join('; ') + '.';
  const heading = chart => `${chart.workload === 'all' ? '' : chart.workload + ': '}${chart.title}`;
  // A value of one fork is hollow.
  const mark = p => p.forks < 2
    ? {color: style('--card'), borderColor: colours.get(p.contender), borderWidth: 2}
    : {color: colours.get(p.contender)};

  // Bars start at zero, which a logarithmic axis does not have: it gets dots.
  const ranking = (chart, points, width) => {
    const log = wantsLog(points.map(p => p.mean));
    const names = points.map(p => p.contender);
    const left = widest(names) + 14;
    const right = widest(points.map(label)) + 16;
    return {
      ...common(describe(chart, points)),
      grid: {left, right, top: 8, bottom: log ? 46 : 28},
      tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, confine: true,
        formatter: items => `${items[0].name}: ${spread(points[items[0].dataIndex])} ${chart.unit}`},
      xAxis: axis({type: log ? 'log' : 'value', splitNumber: Math.max(2, Math.floor((width - left - right) / 80)),
        ...(log ? {name: LOG_NAME, nameLocation: 'middle', nameGap: 26, ...decades(points.flatMap(p => [p.mean, p.low, p.high]).filter(v => v > 0))} : {})}),
      yAxis: axis({type: 'category', inverse: true, data: names,
        axisLabel: {color: name => isOurs(name) ? style('--mark') : style('--front'), interval: 0, hideOverlap: false}}),
      series: [
        {type: log ? 'scatter' : 'bar', barMaxWidth: 18, symbolSize: 11,
          data: points.map(p => ({value: p.mean, itemStyle: mark(p)}))},
        // An invisible point at the end of the error bar carries the value.
        {type: 'scatter', silent: true, symbolSize: log ? 11 : 1, itemStyle: {opacity: 0}, data: points.map((p, i) => [Math.max(p.mean, p.high), i]),
          label: {show: true, position: 'right', fontFamily: FONT, fontSize: 12, color: style('--front'), formatter: item => label(points[item.dataIndex])}},
        {type: 'custom', silent: true, z: 5, encode: {x: [1, 2], y: 0}, renderItem: (_, api) => errorBar(api, true),
          data: points.map((p, i) => [i, p.low, p.high]).filter((_, i) => points[i].forks > 1)},
      ],
    };
  };

  // The number of rows that the legend needs.
  const legendRows = (names, width) => {
    let rows = 1;
    let used = 0;
    for (const name of names) {
      const item = 14 + 5 + textWidth(name, 11) + 10;
      if (used > 0 && used + item > width - 12) {
        rows++;
        used = 0;
      }
      used += item;
    }
    return rows;
  };
  const curve = (chart, points, width) => {
    const names = [...new Set(points.map(p => p.contender))];
    const at = (name, place) => points.find(p => p.contender === name && p.x === place);
    const log = wantsLog(points.map(p => p.mean));
    const range = log ? decades(points.flatMap(p => [p.mean, p.low, p.high]).filter(v => v > 0)) : {};
    const numbers = points.map(p => short(p.mean)).concat(log ? [short(range.max)] : []);
    return {
      ...common(describe(chart, points)),
      grid: {left: widest(numbers) + 34, right: 16, top: 12,
        bottom: 52 + 20 * legendRows(names, width)},
      legend: {bottom: 0, left: 'center', itemWidth: 14, itemHeight: 8, itemGap: 8, data: names, textStyle: {color: style('--front'), fontSize: 11, fontFamily: FONT}},
      tooltip: {trigger: 'item', confine: true, formatter: item => `${item.seriesName} at ${item.name}: ${spread(at(item.seriesName, item.name))} ${chart.unit}`},
      xAxis: axis({type: 'category', data: chart.places, name: AXES[chart.over] ?? chart.over, nameLocation: 'middle', nameGap: 26,
        axisLabel: {interval: 0, formatter: value => /^\d+$/.test(value) ? short(Number(value)) : value}}),
      yAxis: axis({type: log ? 'log' : 'value', name: chart.unit + (log ? ', ' + LOG_NAME : ''), nameLocation: 'middle', nameGap: widest(numbers) + 16, ...range}),
      series: names.flatMap(name => [
        {name, type: 'line', symbolSize: 7, symbol: 'circle', connectNulls: true, z: isOurs(name) ? 4 : 2,
          lineStyle: {width: isOurs(name) ? 3.5 : 1.6, color: colours.get(name)}, color: colours.get(name),
          data: chart.places.map(place => at(name, place)).map(p => p ? {value: p.mean, itemStyle: mark(p)} : null)},
        {type: 'custom', silent: true, z: 5, renderItem: (_, api) => errorBar(api, false), encode: {x: 0, y: [1, 2]},
          data: chart.places.map((place, i) => [i, at(name, place)]).filter(([, p]) => p && p.forks > 1).map(([i, p]) => [i, p.low, p.high])},
      ]),
    };
  };
  const AXES = {rate: 'operations/s', memoryPercent: 'memory in % of the data', entries: 'entries', percentile: 'percentile'};

  const matches = chart => !state.words || `${chart.workload} ${chart.title}`.toLowerCase().includes(state.words);

  const draw = () => {
    drawn.forEach(each => each.picture.dispose());
    drawn = [];
    const main = byId('charts');
    main.replaceChildren();
    const rankingsFirst = [...results.charts].sort((a, b) => Boolean(a.over) - Boolean(b.over));
    for (const chart of rankingsFirst) {
      if (chart.suite !== state.suite || !matches(chart)) continue;
      const points = chart.points.filter(p => !state.hidden.has(p.contender));
      const card = make('article', undefined, {id: chart.id});
      card.append(make('h2', heading(chart)));
      const once = points.some(p => p.forks < 2) ? '; ≈ and hollow marks: one fork' : '';
      card.append(make('p', `${chart.unit}, ${chart.higherIsBetter ? 'higher' : 'lower'} is better${once}`));
      if (chart.description) card.append(make('p', chart.description));
      const place = make('div', undefined, {class: 'chart', role: 'img'});
      card.append(place);
      main.append(card);
      const names = [...new Set(points.map(p => p.contender))];
      const width = place.clientWidth;
      const legend = chart.over ? 20 * legendRows(names, width) : 0;
      place.style.height = `${chart.over ? 330 + legend : 64 + 24 * Math.max(1, names.length)}px`;
      const picture = echarts.init(place, null, {renderer: 'svg'});
      picture.setOption(chart.over ? curve(chart, points, width) : ranking(chart, points, width));
      drawn.push({chart, points, picture, contenders: names.length});
    }
    if (!drawn.length) main.append(make('p', 'No chart matches the filter.', {class: 'note'}));
    document.documentElement.dataset.drawn = String(drawn.length);
  };

  const pressed = (button, on) => button.setAttribute('aria-pressed', String(on));
  const controls = () => {
    for (const suite of suites) {
      const button = make('button', suite, {type: 'button', 'data-suite': suite});
      button.onclick = () => { state.suite = suite; update(); };
      byId('suites').append(button);
    }
    for (const name of contenders) {
      const button = make('button', name, {type: 'button', 'data-contender': name});
      button.style.setProperty('--colour', colours.get(name));
      button.onclick = () => { state.hidden.has(name) ? state.hidden.delete(name) : state.hidden.add(name); update(); };
      byId('contenders').append(button);
    }
    document.querySelectorAll('[data-show]').forEach(button => button.onclick = () => {
      const best = new Set(results.charts.filter(c => c.suite === state.suite && !c.over)
        .flatMap(c => c.points.slice(0, 2).map(p => p.contender)));
      const keep = {all: () => true, none: () => false, carafe: name => isOurs(name) || [...best].slice(0, 5).includes(name)}[button.dataset.show];
      state.hidden = new Set(contenders.filter(name => !keep(name)));
      update();
    });
    byId('workload').oninput = event => { state.words = event.target.value.trim().toLowerCase(); update(); };
    byId('rawfilter').oninput = raw;
    byId('rawdata').ontoggle = raw;
    let width = innerWidth;
    addEventListener('resize', () => {
      if (innerWidth !== width) {
        width = innerWidth;
        draw();
      }
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
    if (innerWidth < 700) byId('filter').open = false;
  };
  const update = () => {
    document.querySelectorAll('[data-suite]').forEach(b => pressed(b, b.dataset.suite === state.suite));
    document.querySelectorAll('[data-contender]').forEach(b => pressed(b, !state.hidden.has(b.dataset.contender)));
    draw();
  };

  const row = (table, cells, tag = 'td') => {
    const line = make('tr');
    cells.forEach(cell => line.append(make(tag, cell)));
    table.append(line);
  };
  const text = value => typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  const facts = () => {
    const run = results.runs[results.runs.length - 1];
    const machine = run.machine;
    byId('where').textContent = `${run.scale} run of ${results.runs[0].at.slice(0, 10)}, ${machine.processors} × ${machine.processor}, ${short(machine.memoryBytes)}B, ${machine.system}, ${machine.java}`;
    const timed = results.raw.filter(line => Number.isFinite(line.othersCores));
    const seconds = timed.reduce((sum, line) => sum + line.seconds, 0);
    const others = timed.reduce((sum, line) => sum + line.othersCores * line.seconds, 0) / seconds;
    if (others > 0.25) {
      const warning = make('p', `Other processes used ${short(others)} processors during the run, so these results do not compare the contenders.`, {class: 'warning'});
      byId('where').after(warning);
    }
    row(byId('failures'), ['cell', 'failure'], 'th');
    results.failures.forEach(f => row(byId('failures'), [f.cell, f.failure]));
    byId('failed').hidden = !results.failures.length;
    Object.entries(machine).forEach(([name, value]) => row(byId('machine'), [name, text(value)]));
    row(byId('setup'), ['contender', 'version', 'setup', 'flags'], 'th');
    const about = Object.assign({}, ...results.runs.map(r => r.contenders));
    Object.entries(about).forEach(([name, a]) => row(byId('setup'), [name, a.version, a.setup, a.flags ?? '']));
    Object.entries(run.absent ?? {}).forEach(([name, why]) => row(byId('setup'), [name, 'not measured', why, '']));
  };
  const overview = () => {
    const columns = [
      ['restart', 'entries kept over a restart', 1],
      ['crash', 'flushed entries kept after SIGKILL', 1],
      ['memoryRate', 'get/s in memory, 1 thread', 1],
      ['fileRate', 'operations/s with a file, 2 threads', 1],
      ['heapBytes', 'heap bytes per 1 KiB entry', -1],
    ].filter(([field]) => results.overview.some(r => Number.isFinite(r[field])));
    if (!columns.length) {
      byId('overview').hidden = true;
      return;
    }
    const head = make('tr');
    ['contender', ...columns.map(([, text]) => text)].forEach(text => head.append(make('th', text, {scope: 'col'})));
    byId('overviewtable').append(head);
    const most = Object.fromEntries(columns.map(([field]) => [field, Math.max(...results.overview.map(r => r[field]).filter(Number.isFinite))]));
    for (const r of results.overview) {
      const line = make('tr');
      line.append(make('th', r.contender, {scope: 'row', class: isOurs(r.contender) ? 'ours' : ''}));
      for (const [field] of columns) {
        const value = r[field];
        const known = Number.isFinite(value);
        const kept = field === 'restart' || field === 'crash';
        const cell = make('td', !known ? '–' : kept ? (value === 1 ? 'all' : value === 0 ? 'none' : short(Math.min(99.9, 100 * value)) + ' %') : short(rounded(value)));
        if (known) cell.style.setProperty('--share', `${100 * Math.max(0, value) / (kept ? 1 : most[field])}%`);
        line.append(cell);
      }
      byId('overviewtable').append(line);
    }
  };
  const raw = () => {
    if (!byId('rawdata').open) return;
    const words = byId('rawfilter').value.trim().toLowerCase();
    const lines = results.raw.filter(line => !words || JSON.stringify(line).toLowerCase().includes(words));
    const skip = new Set(['type', 'cell']);
    const columns = [...new Set(lines.slice(0, 300).flatMap(line => Object.keys(line)))].filter(c => !skip.has(c));
    byId('raw').replaceChildren();
    row(byId('raw'), columns, 'th');
    lines.slice(0, 300).forEach(line => row(byId('raw'), columns.map(c => c in line ? text(line[c]) : '')));
    byId('rawcount').textContent = `${Math.min(300, lines.length)} of ${lines.length} lines`;
  };

  controls();
  facts();
  overview();
  update();
  // The interface for tests and for the export of charts.
  window.report = {
    suites,
    drawn: () => drawn.map(each => ({id: each.chart.id, contenders: each.contenders, marks: byId(each.chart.id).querySelectorAll('svg path').length})),
    picture: id => {
      const svg = byId(id).querySelector('svg').cloneNode(true);
      const {chart, points} = drawn.find(each => each.chart.id === id);
      const NS = 'http://www.w3.org/2000/svg';
      const title = Object.assign(document.createElementNS(NS, 'title'), {id: id + '-title', textContent: heading(chart)});
      const text = Object.assign(document.createElementNS(NS, 'desc'), {id: id + '-desc', textContent: describe(chart, points)});
      svg.prepend(title, text);
      svg.setAttribute('role', 'img');
      svg.setAttribute('aria-labelledby', `${id}-title ${id}-desc`);
      svg.style.background = '#fff';
      svg.setAttribute('viewBox', `0 0 ${svg.getAttribute('width')} ${svg.getAttribute('height')}`);
      return new XMLSerializer().serializeToString(svg);
    },
  };
})();
