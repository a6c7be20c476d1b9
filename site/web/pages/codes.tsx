// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { accountWords } from "../words/account.js";

/** Recovery codes, once. */
export function Codes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }): JSX.Element {
	const t = accountWords();
	return (
		<>
			<p>{t.codesText}</p>
			<ul class="codes">
				{codes.map((code) => (
					<li key={code}>
						<code>{code}</code>
					</li>
				))}
			</ul>
			<div class="actions">
				<button type="button" onClick={() => print()}>
					{t.print}
				</button>
				<button type="button" class="primary" onClick={onDone}>
					{t.codesDone}
				</button>
			</div>
		</>
	);
}
