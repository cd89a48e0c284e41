"""amqtt, a real broker that speaks MQTT 3.1.1 only; run as a process of its own: old_broker.py PORT."""

import asyncio
import sys

from amqtt.broker import Broker


async def main(port: str) -> None:
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
