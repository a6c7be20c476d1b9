// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Reason } from "../../../protocol/reasons.js";
import { EXPLAINED } from "../../../site/lib/log/explained.js";
import { RULES } from "../../scene/rules.js";
import type { Span } from "../../scene/span.js";
import { timeText } from "../../scene/window.js";
import { Bytes } from "./bytes.js";
import { LANE_TITLES, lengthText } from "./words.js";

/** A bar opened: when, what, why, and its bytes. */
export function Opened({
	onClose,
	span,
	zero,
}: {
	span: Span;
	zero: number;
	onClose: () => void;
}): JSX.Element {
	const { detail, from, id, lane, parts = [], reason, title } = span;
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), [id]);
	const long = lengthText(span);
	return (
		<section
			class="card opened"
			aria-label="The chosen bar"
			onKeyDown={(event) => {
				if (event.key === "Escape") onClose();
			}}
		>
			<div class="heading">
				<h2 tabIndex={-1} ref={heading}>
					{title}
				</h2>
				<button type="button" onClick={onClose}>
					Close
				</button>
			</div>
			<p class="faint">
				{[LANE_TITLES[lane], `at ${timeText(from - zero)}`, long, detail].filter(Boolean).join(" · ")}
			</p>
			{reason && <Why reason={reason} />}
			{parts.map((part, i) => (
				<details key={`${part.title} ${i}`} open={i === 0 || parts.length <= 3}>
					<summary>
						{part.title}, {part.bytes.length} bytes
					</summary>
					<Bytes part={part} />
				</details>
			))}
		</section>
	);
}

function Why({ reason }: { reason: Reason }): JSX.Element {
	const [means, remedy] = EXPLAINED[reason];
	const { file, rule } = RULES[reason];
	return (
		<dl>
			<dt>Means</dt>
			<dd>{means}</dd>
			<dt>What to do</dt>
			<dd>{remedy}</dd>
			<dt>The rule</dt>
			<dd>
				{rule} <code>{file}</code>
			</dd>
		</dl>
	);
}
