// What an engineer would write instead of the robot: for each site a fresh context, its HAR, a picture of the
// whole page and the DOM. scripts/bench measures the robot against it.
//
//     playwright_script.mjs PLAYWRIGHT BROWSER ADDRESSES OUT AT-ONCE HOST-RULES
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [playwright, executablePath, addresses, out, atOnce, hostRules] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);
const sites = readFileSync(addresses, 'utf8').split('\n').filter(Boolean);
const args = ['--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const sandbox = process.getuid() !== 0;
const browser = await chromium.launch({
  executablePath,
  chromiumSandbox: sandbox,
  args: [...args, `--host-resolver-rules=${hostRules}`],
});

async function visit(site) {
  const folder = join(out, new URL(site).host);
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1366, height: 900 },
    recordHar: { path: join(folder, 'network.har') },
  });
  try {
    const page = await context.newPage();
    await page.goto(site, { waitUntil: 'load', timeout: 20000 });
    await page.screenshot({ path: join(folder, 'desktop.png'), fullPage: true });
    writeFileSync(join(folder, 'page.html'), await page.content());
  } catch (error) {
    console.error(`${site}: ${error.message.split('\n')[0]}`);
  } finally {
    await context.close();
  }
}

let next = 0;
async function worker() {
  while (next < sites.length) await visit(sites[next++]);
}
await Promise.all(Array.from({ length: Number(atOnce) }, worker));
await browser.close();
