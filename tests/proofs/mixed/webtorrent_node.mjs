// A node of npm's bittorrent-dht, driven as libtorrent_nodes.py is: JSON objects, one a line.
// Usage: node webtorrent_node.mjs PACKAGES ADDRESS BOOTSTRAP..
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [packages, address, ...bootstrap] = process.argv.slice(2)
const { default: DHT } = await import(pathToFileURL(`${packages}/node_modules/bittorrent-dht/index.js`).href)
const dht = new DHT({ bootstrap })
dht.on('peer', (peer, hash) => {
  const line = { node: 0, hash: Buffer.from(hash).toString('hex'), peers: [[peer.host, peer.port]] }
  process.stdout.write(JSON.stringify(line) + '\n')
})
dht.on('warning', () => {})
dht.listen(6881, address)
createInterface({ input: process.stdin })
  .on('line', line => {
    const order = JSON.parse(line)
    if (order.do === 'announce') dht.announce(order.hash, order.port)
    else dht.lookup(order.hash)
  })
  .on('close', () => process.exit(0))
