"""The words of the validation page: how it is made, and what the estimate misses."""

from __future__ import annotations

from typing import Final

HEAD: Final = """\
# How well the estimate holds

The estimate of operations is an interval, low to high, around one expected figure. This page holds
it against runs whose operations are known, and says where it falls short.

`trainwatch validate --data DIR --out docs` writes it; the same data give the same page. Every
estimate is made by the product's own code (`features.pipeline.describe`) from usage events made up
for the run: hardware, count and time, as a provider meters them, and nothing else unless said.
No estimate comes from numbers fitted to the run it is judged on: whole developers, submitters or
rounds are left out, and the form of the prior is chosen again without them.

Errors are in log10 of estimate over truth: 0.1 is a factor of 1.26, 0.3 a factor of 2. Intervals
in brackets are 95 %: of errors and gains by drawing whole owners again, of coverages exact
binomial ones, as if runs were independent, which runs of one submitter are not.
"""
DATA: Final = """\
## The runs

- *Published*: training runs with metered device hours whose operations are known without them;
  months, elapsed time with its pauses. Rows that the table calls circular are left out, and those
  whose only figure of operations is a measured or stated rate times the hours: two of months.
  Rows that their compilers flag as at odds stay. Truth is what was counted, mostly 6 x active
  parameters x tokens, without attention. Where the accelerator count is not public, 512 is taken.
- *Benchmark*: MLPerf Training runs of language models, minutes to hours, tuned, mostly on 8-bit
  pipes; truth is 6 x parameters x tokens (4 x for LoRA), without attention. With each token
  attending to those before it that is 1 % low for GPT-3, 4 % for Llama 3.1 405B and 10 % for LoRA
  on 70 billion parameters.

The rows of published runs have no licence file: only figures over many of them stand here.
"""
MISSED: Final = """\
## What is missed

- Nothing that a provider sees of a published run tells much of its share of the peak: age, count
  and generation explain little of it. The median error misses the goal, and against a constant
  near 0.26, or 0.30, the prior gains nothing that its interval tells from none; what it adds is
  the interval, and one figure that holds for short and for long runs alike. Eleven forms
  were tried, the date and the kind of chip among them (the one not shown above, the date without
  the generation, loses 0.003); a gain that these developers could show would have to
  be four times the largest found, and the goal against 0.30 would take ten times as many of them.
  They are not to be had: a further public table tells hardware and time of some eighty more runs,
  but nearly all of its operations are a supposed share of the peak times the hours. Of four the
  tokens and parameters are told apart from them: shares of 0.11, 0.11, 0.20 and 0.20. The newer of
  the 16 Hopper runs do more (rank correlation 0.64); the 36 Ampere runs do not (0.10), nor do
  all (-0.05). It was seen before it was named, so it is a question for runs to come. In the
  worst runs no unit, peak or count is wrong: of at least eight the notes dispute hours, tokens or
  chip, or have them from memory; two ran at 32 bit, which no provider is told.
- A round of benchmarks that nothing of its year was fitted to is under-estimated by about an
  eighth: software improves faster than the table. Fit again each year.
- Short work of ordinary tenants at 16 bit does less than tuned benchmarks: throughput tables of an
  open training stack show 0.30 to 0.46 of the peak of an H100, where the prior of short runs
  expects 0.45 to 0.75. It is over-counted, for its first 8 hours. The low end of short runs reaches
  down to it, and the ends reach as far as rounds that were left out lay from the line, either way:
  so the interval holds more than 90 % of tuned runs. Only three rounds are at hand. For one
  interval to hold nine in ten of tuned runs and no more, a fifth of ordinary rows would have to
  lie below its low end, which is what says that a threshold was surely passed, or a twentieth of
  tuned runs above its high end, where they are missed. It is left as it is.
- After two days the prior is that of elapsed time with its pauses. A small training that runs for
  days without one, as the best rows of those tables do, lies above the high end.
- Two published runs speak for Blackwell in long runs, both sparse models of its first year. Their
  share is low and is believed by a third: the effect of n runs of a generation counts by about
  n / (n + 4), though a weaker draw would fit the runs at hand better. What the
  newest chips do must not be under-counted on the word of two.
- Power was metered on four configurations of one vendor and one generation, so no gain of it can be
  sure. It lowers the error of three of them and of the mean over all. The fourth, one node alone,
  draws the most and does less than the 64 nodes that draw less: their share of the peak points to
  8-bit work, which takes less energy an operation, and power cannot tell 8 bit from 16. The median
  over runs is that configuration's, with its ten repeats, and rises. Its series is whole, from
  start to stop, at full power throughout; weighing readings by time moves no run by half a per
  cent; host, fans and losses are alike at all nodes and switches are not in the figure. Truth
  without attention makes it look worse: with attention counted the median would go from 0.058 to
  0.061, and over configurations from 0.061 to 0.047. Power moves the expected figure by half, in
  the exponent, and tells idle from busy, which is what it is read for. Three benchmarks of vision
  metered beside them, whose paces stand for operations, do not say that it should move it more.
- Counters were never public: that part is simulated. They read what pipes executed and tell
  nothing of recomputation: it is all or nothing in most measured runs, so every one figure is off
  by a seventh or more in one half of them or in the other, and the algorithmic error cannot meet
  the goal of 10 %. The hardware figure is what counters can be held to.
- Beside counters the interval holds more than it says. Its ends are what may be true at once:
  everything computed again, a pipe at its least, all of it at the widest precision that the
  provider did not rule out. How often which of these holds is not public. Ends drawn in to nine in
  ten of made-up runs would meet the goal by the very house figures that made the runs, and say
  nothing of real ones.
- A dead tensor counter is made good by sound ones of the same run, at other nodes or at other
  times. Where a whole run has none, the prior and the other figures are left, and its error is
  theirs: a use or a power tells that the device worked, not in which pipe or at what precision.
  A counter is not believed at rest on a device in use, or under more than idle power; work that
  uses no matrix pipe and no other is then over-counted. Where other pipes work, it is not believed
  where they and memory leave power unexplained, or sound neighbours do the same beside it.
  No public series has a matrix pipe beside the other figures, so nothing measured can teach more.
  Of power the nearest (Zeus, five networks on two boards) has mean power and pace: with the level
  of every network known, which no provider knows, and one exponent fitted to the very rows, power
  is off by 22 % in the middle of 113 rows about the pace at another batch size (14 % without the
  network of recommendation). Even that is more than the 10 % asked.
- A counter that reads a third of what is true is not found. Boards that train draw nine tenths of
  their rated power with a third of the matrix cycles or with two thirds: no limit of physics lies
  between.
- That an active pipe does 0.94 of its peak in the middle is a house figure, of the simulated truth
  as of the estimate: it says that both agree, not that it is true. Counters tell cycles of the
  clock at hand and peaks are at boost clock, so the figure cannot be 1.
"""
