import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkloadResult } from '../runner.ts';
import { barChart, chartOf, lineChart } from './chart.ts';

const bars: WorkloadResult = {
  name: 'calls',
  group: 'calls',
  title: 'a <b> & "c"',
  unit: 'calls/s',
  better: 'higher',
  rounds: 3,
  arms: [
    { arm: 'bare', side: 'light', value: 50, timesLight: 1 },
    { arm: 'heddle', side: 'heddle', value: 200, timesLight: 4 },
    { arm: 'gone', side: 'peer', unavailable: 'not available' },
  ],
};

const widths = (svg: string) => [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));

test('the bars of a chart are as long as their figures say, and an arm without one has none', () => {
  const [bare, heddle, ...more] = widths(barChart(bars));
  assert.equal(more.length, 0);
  assert.equal(heddle! / bare!, 4);
});

test('text of a chart cannot end its markup', () => {
  const svg = barChart(bars);
  assert.match(svg, /a &lt;b&gt; &amp; &quot;c&quot;/);
  assert.equal(svg.match(/<(?!\/?(svg|title|text|rect)\b)/g), null);
});

test('each tenfold step of a series is as wide as the next, and zero stands at the left end', () => {
  const svg = lineChart({
    ...bars,
    x: 'bytes',
    arms: [
      {
        arm: 'heddle',
        side: 'heddle',
        value: 1,
        points: [
          [0, 10],
          [1, 10],
          [10, 100],
          [100, 1000],
        ],
      },
    ],
  });
  const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) => [
    Number(match[1]),
    Number(match[2]),
  ]);
  assert.equal(places[0]![0], places[1]![0]);
  assert.equal(places[2]![0]! - places[1]![0]!, places[3]![0]! - places[2]![0]!);
  assert.equal(places[1]![1]! - places[2]![1]!, places[2]![1]! - places[3]![1]!);
});

test('there is no chart of one figure alone', () => {
  assert.equal(chartOf({ ...bars, arms: [bars.arms[0]!] }), undefined);
});
