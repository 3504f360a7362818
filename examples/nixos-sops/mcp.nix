{
  services.mcp = {
    enable = true;
    #        ^ info[mcp-wrapper-fails-open]
    servers = {
      github.enabled = true;
      openai.enabled = true;
    };
  };
}
