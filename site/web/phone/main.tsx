// SPDX-License-Identifier: Apache-2.0

import { type JSX, render } from "preact";

function Phone(): JSX.Element {
	return (
		<main>
			<h1>Lintel</h1>
		</main>
	);
}

render(<Phone />, document.body);
