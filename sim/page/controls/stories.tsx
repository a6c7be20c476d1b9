// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { EXAMPLES } from "../../scene/examples.js";

/** Links that play a story. */
export function Stories({ onChoose }: { onChoose: (script: string) => void }): JSX.Element {
	return (
		<ul class="stories" aria-label="Stories">
			{EXAMPLES.map(({ about, name, script, title }) => (
				<li key={name}>
					<a
						href={`#${script}`}
						title={about}
						onClick={(event) => {
							// The same story once more is no change of the address.
							event.preventDefault();
							history.replaceState(null, "", `#${script}`);
							onChoose(script);
						}}
					>
						{title}
					</a>
				</li>
			))}
		</ul>
	);
}
