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

  const short = value => {
    if (!Number.isFinite(value)) return '–';
    const size = Math.abs(value);
    if (size >= 1e9) return (value / 1e9).toPrecision(3) + ' G';
    if (size >= 1e6) return (value / 1e6).toPrecision(3) + ' M';
    if (size >= 1e4) return (value / 1e3).toPrecision(3) + ' k';
    if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
    return value.toPrecision(3);
  };
  const spread = p => p.forks < 2 ? short(p.mean) : `${short(p.mean)} (${short(p.low)} … ${short(p.high)}, ${p.forks} forks)`;
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

  const common = () => ({
    animation: false,
    textStyle: {color: style('--front'), fontFamily: 'system-ui, sans-serif'},
    aria: {enabled: true},
  });
  const axis = extra => ({
    axisLabel: {color: style('--front'), formatter: extra.type === 'category' ? undefined : short},
    axisLine: {lineStyle: {color: style('--line')}},
    splitLine: {lineStyle: {color: style('--line')}},
    nameTextStyle: {color: style('--quiet')},
    ...extra,
  });
  const wantsLog = values => {
    const some = values.filter(v => v > 0);
    return some.length === values.length && some.length > 0 && Math.max(...some) / Math.min(...some) > 60;
  };

  const ranking = (chart, points) => ({
    ...common(),
    grid: {left: 8, right: 64, top: 8, bottom: 28, containLabel: true},
    tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, confine: true,
      formatter: items => `${items[0].name}: ${spread(points[items[0].dataIndex])} ${chart.unit}`},
    xAxis: axis({type: wantsLog(points.map(p => p.mean)) ? 'log' : 'value', splitNumber: 3}),
    yAxis: axis({type: 'category', inverse: true, data: points.map(p => p.contender), axisLabel: {color: name => isOurs(name) ? style('--mark') : style('--front'), interval: 0}}),
    series: [
      {type: 'bar', barMaxWidth: 18, data: points.map(p => ({value: p.mean, itemStyle: {color: colours.get(p.contender)}})),
        label: {show: true, position: 'right', color: style('--quiet'), formatter: item => short(item.value)}},
      {type: 'custom', silent: true, z: 5, encode: {x: [1, 2], y: 0}, renderItem: (_, api) => errorBar(api, true),
        data: points.map((p, i) => [i, p.low, p.high]).filter((_, i) => points[i].forks > 1)},
    ],
  });

  const curve = (chart, points) => {
    const names = [...new Set(points.map(p => p.contender))];
    const at = (name, place) => points.find(p => p.contender === name && p.x === place);
    const few = names.length <= 8;
    const log = wantsLog(points.map(p => p.mean));
    return {
      ...common(),
      grid: {left: 8, right: few ? 84 : 16, top: 12, bottom: few ? 34 : 44 + 21 * Math.ceil(names.length / 4), containLabel: true},
      legend: {show: !few, bottom: 0, itemWidth: 14, itemHeight: 8, itemGap: 6, data: names, textStyle: {color: style('--front'), fontSize: 11}},
      tooltip: {trigger: 'item', confine: true, formatter: item => `${item.seriesName} at ${item.name}: ${spread(at(item.seriesName, item.name))} ${chart.unit}`},
      xAxis: axis({type: 'category', data: chart.places, name: chart.over, nameLocation: 'middle', nameGap: 24}),
      yAxis: axis({type: log ? 'log' : 'value', name: ''}),
      series: names.flatMap(name => [
        {name, type: 'line', symbolSize: 7, connectNulls: true, z: isOurs(name) ? 4 : 2,
          lineStyle: {width: isOurs(name) ? 3.5 : 1.6}, color: colours.get(name),
          data: chart.places.map(place => at(name, place)?.mean ?? null),
          endLabel: {show: few, formatter: '{a}', color: colours.get(name)}},
        {type: 'custom', silent: true, z: 5, renderItem: (_, api) => errorBar(api, false), encode: {x: 0, y: [1, 2]},
          data: chart.places.map((place, i) => [i, at(name, place)]).filter(([, p]) => p && p.forks > 1).map(([i, p]) => [i, p.low, p.high])},
      ]),
    };
  };

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
      card.append(make('h2', `${chart.workload === 'all' ? '' : chart.workload + ': '}${chart.title}`));
      card.append(make('p', `${chart.unit}, ${chart.higherIsBetter ? 'higher' : 'lower'} is better${chart.over ? ', by ' + chart.over : ''}`));
      const place = make('div', undefined, {class: 'chart'});
      const count = new Set(points.map(p => p.contender)).size;
      place.style.height = `${chart.over ? 330 + (count > 8 ? 21 * Math.ceil(count / 4) : 0) : 52 + 24 * Math.max(1, count)}px`;
      card.append(place);
      main.append(card);
      const picture = echarts.init(place, null, {renderer: 'svg'});
      picture.setOption(chart.over ? curve(chart, points) : ranking(chart, points));
      drawn.push({chart, picture, contenders: count});
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
    addEventListener('resize', () => drawn.forEach(each => each.picture.resize()));
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
  update();
  // The interface for tests and for the export of charts.
  window.report = {
    suites,
    drawn: () => drawn.map(each => ({id: each.chart.id, contenders: each.contenders, marks: byId(each.chart.id).querySelectorAll('svg path').length})),
    picture: id => {
      const svg = byId(id).querySelector('svg').cloneNode(true);
      svg.style.background = '#fff';
      svg.setAttribute('viewBox', `0 0 ${svg.getAttribute('width')} ${svg.getAttribute('height')}`);
      return new XMLSerializer().serializeToString(svg);
    },
  };
})();
