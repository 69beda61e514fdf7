// A dialog by Radix around the element or beside it: the keys and clicks of one do not close the other.
import { until } from "../project.mjs";
import { equal, expectSameFrame, KEYS, markFrame, openPage, signInToTheEnd } from "./page.mjs";

const IS_OPEN = 'return deep(".cr3d").open';
const IS_PARTNER_OPEN = "return document.querySelector('#partner') !== null";

function keepPartnerOpen(page, isAround) {
  return async (it) => {
    const { app, user, browser } = it;
    await openPage(browser, app.url(page));
    await until("the partner's dialog", () => browser.run(IS_PARTNER_OPEN));
    await browser.run("start({ mode: 'modal' })");
    if (isAround) await user.click("#opener");
    else await user.evaluate("host.open()");
    await markFrame(user);
    const expectPartner = async (when) =>
      equal(await browser.run(IS_PARTNER_OPEN), true, `the partner's dialog ${when}`);

    // Clicks on the title and next to the card.
    const [x, y] = await user.evaluate(
      'const box = deep(".cr3d-title").getBoundingClientRect(); return [box.x + 5, box.y + 5].map(Math.round)',
    );
    for (const place of [
      [x, y],
      [3, 3],
    ])
      await browser.pressAt(...place);
    await expectPartner("after clicks in ours");
    equal(await user.evaluate(IS_OPEN), true, "ours after clicks");
    await browser.press(KEYS.escape);
    await user.waitForText(".cr3d-leave", "Stop verifying?");
    await expectPartner("after the first Esc");
    await browser.press(KEYS.escape);
    await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
    await expectPartner("after Esc");

    await user.evaluate("host.open()");
    await expectSameFrame(user);
    await signInToTheEnd(it);
    await user.click(".cr3d-done");
    await until("a hidden dialog", async () => !(await user.evaluate(IS_OPEN)));
    await expectPartner("after the end");
    await browser.press(KEYS.escape);
    await until("the partner's closed dialog", async () => !(await browser.run(IS_PARTNER_OPEN)));
  };
}

/** Cases for every engine. */
export const EVERYWHERE = [
  ["inside a dialog by Radix, clicks and Esc in ours do not close it", keepPartnerOpen("/radix.html?around", true)],
  ["beside a dialog by Radix, clicks and Esc in ours do not close it", keepPartnerOpen("/radix.html", false)],
];
