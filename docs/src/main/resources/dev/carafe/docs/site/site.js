// Search over search-data.js by lunr, which are loaded when somebody searches. Works from file:, too.
(() => {
  'use strict';
  const MOST = 20;
  const root = document.documentElement.dataset.root;
  const form = document.getElementById('form');
  const input = document.getElementById('search');
  const results = document.getElementById('results');
  let index;

  function load(name) {
    return new Promise((done, failed) => {
      const script = document.createElement('script');
      script.src = root + name;
      script.onload = done;
      script.onerror = () => failed(new Error(name + ' is missing'));
      document.head.append(script);
    });
  }

  function loadIndex() {
    index ??= Promise.all([load('lunr.js'), load('search-data.js')]).then(() =>
      lunr(function () {
        this.ref('id');
        this.field('title', { boost: 8 });
        this.field('page', { boost: 4 });
        this.field('text');
        SECTIONS.forEach((section, id) => this.add({ id, ...section }));
      }));
    return index;
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  function around(text, word) {
    const at = Math.max(0, text.toLowerCase().indexOf(word.toLowerCase()) - 60);
    return (at > 0 ? '…' : '') + text.slice(at, at + 200) + (at + 200 < text.length ? '…' : '');
  }

  async function search() {
    const words = input.value.trim();
    results.hidden = words === '';
    if (words === '') {
      return;
    }
    const all = matches(await loadIndex(), words);
    if (input.value.trim() !== words) {
      return; // typed on meanwhile
    }
    const found = all.slice(0, MOST).map((match) => {
      const section = SECTIONS[match.ref];
      const link = element('a', section.title);
      link.href = root + section.url;
      const line = element('div', section.title === section.page ? '' : ' · ' + section.page);
      line.prepend(link);
      return [line, element('p', around(section.text, words.split(/\s+/)[0]))];
    });
    results.replaceChildren(...(found.length ? found.flat() : [element('p', 'Nothing has “' + words + '”.')]));
  }

  // Whole words, in any of their forms, come before words that begin so.
  function matches(lunrIndex, words) {
    return lunrIndex.query((query) =>
      lunr.tokenizer(words).map(lunr.trimmer).forEach((token) => {
        query.term(token, { boost: 10 });
        query.term(token, { usePipeline: false, wildcard: lunr.Query.wildcard.TRAILING });
      }));
  }

  form.hidden = false;
  input.addEventListener('focus', loadIndex);
  input.addEventListener('input', search);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    results.querySelector('a')?.click();
  });
  results.addEventListener('click', (event) => {
    results.hidden = event.target.closest('a') !== null;
  });
  document.querySelectorAll('#questions a').forEach((link) => {
    if (link.href === location.href.replace(/#.*/, '')) {
      link.setAttribute('aria-current', 'page');
    }
  });
})();
